export async function test(_suite?: string): Promise<void> {}
