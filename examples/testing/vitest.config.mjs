// With this file the example runs by itself: npx vitest run --root examples/testing
export default { test: { include: ["*.test.ts"] } };
