import type { MatrixRow } from "../../cli/commands/matrix"; export async function rows(): Promise<MatrixRow[]> { return []; }
