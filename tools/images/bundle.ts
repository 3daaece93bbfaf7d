import { build, type Plugin } from "esbuild";

// The embedded database is not used inside the image: there the store is a real Postgres.
const withoutEmbeddedStore: Plugin = {
  name: "without-embedded-store",
  setup(context) {
    context.onResolve({ filter: /^@electric-sql\/pglite/ }, ({ path }) => ({ path, namespace: "left-out" }));
    context.onLoad({ filter: /.*/, namespace: "left-out" }, ({ path }) => ({
      contents: `module.exports = new Proxy({}, { get(_, key) {
        if (key === "__esModule") return false;
        throw new Error("${path} is not in this image: set DB_CONNECTION_URI");
      } });`,
      loader: "js",
    }));
  },
};

/** Bundles the sandbox and all that it imports into the text of one ES module for the Node.js in the image. */
export async function bundleSandbox(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    external: ["pg-native"],
    plugins: [withoutEmbeddedStore],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    define: { __dirname: "import.meta.dirname", __filename: "import.meta.filename" },
    logLevel: "silent",
    legalComments: "none",
  });
  const text = result.outputFiles[0]?.text;
  if (!text) throw new Error(`bundling ${entry} gave nothing`);
  return text;
}
