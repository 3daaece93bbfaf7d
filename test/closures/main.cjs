// Checks that every provider survives Pulumi's serialiser. Vitest rewrites imports, which the serialiser cannot read, so
// this runs in plain Node, from the program's folder and with the ts-node that Pulumi brings along, as the engine runs
// the program. Prints its report as JSON; exit code 1 when something is not right.
//
// By hand: node test/closures/main.cjs
const { join } = require("node:path");

// What is serialised here is the code of now, and no text that was kept.
delete process.env.INFISICAL_PROVIDER_CACHE;
process.chdir(join(__dirname, "..", "..", "infra"));
const tsutils = require("@pulumi/pulumi/tsutils");
const { noCheck, ...compilerOptions } = tsutils.loadTypeScriptCompilerOptions("tsconfig.json");
const { tsnodeRequire, typescriptRequire } = tsutils.typeScriptRequireStrings();
require(tsnodeRequire).register({
  compiler: typescriptRequire,
  transpileOnly: noCheck,
  project: "tsconfig.json",
  compilerOptions: { sourceMap: "true", ...compilerOptions },
});

const { checkProviders } = require("./check");

async function main() {
  const report = await checkProviders();
  console.log(JSON.stringify(report, undefined, 2));
  const sound = ({ problems }) => problems.length === 0;
  return report.kinds.every(sound) && !report.mustFail.some(sound) ? 0 : 1;
}

main()
  .catch((thrown) => {
    console.error(thrown);
    return 2;
  })
  .then((code) => process.exit(code));
