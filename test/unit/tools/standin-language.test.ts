import { describe, expect, it } from "vitest";
import { type RunRequest, runnerArguments, runnerEnvironment } from "../../../tools/standins/language-nodejs.mjs";

const request: RunRequest = {
  project: "infisical",
  stack: "dev",
  organization: "organization",
  monitorAddress: "127.0.0.1:1",
  parallel: 16,
  dryrun: false,
  pwd: "/project/infra",
  program: "",
  argsList: [],
  configMap: [["infisical:target", "docker"]],
  configsecretkeysList: ["infisical:openaiApiKey"],
  info: { rootDirectory: "/project", programDirectory: "/project/infra", entryPoint: "." },
};

describe("the stand-in language host", () => {
  it("hands the engine's request to the runner", () => {
    expect(runnerArguments(request, "127.0.0.1:2").join(" ")).toBe(
      "--monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization organization --project infisical " +
        "--root-directory /project --stack dev --pwd /project/infra --parallel 16 .",
    );
  });

  it("says when nothing may be changed", () => {
    expect(runnerArguments({ ...request, dryrun: true }, "")).toContain("--dry-run");
  });

  it("gives configuration through the environment, never on the command line, with the secret keys named", () => {
    const environment = runnerEnvironment(request, {});
    expect(environment).toEqual({
      PULUMI_CONFIG: '{"infisical:target":"docker"}',
      PULUMI_CONFIG_SECRET_KEYS: '["infisical:openaiApiKey"]',
      PULUMI_NODEJS_TYPESCRIPT: "true",
    });
    expect(runnerEnvironment(request, { typescript: false })).not.toHaveProperty("PULUMI_NODEJS_TYPESCRIPT");
  });
});
