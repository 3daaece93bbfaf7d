import { describe, expect, it } from "vitest";
import { applicationIn, missingFrom } from "../../../cli/core/backup/proof";
import type { Deployment } from "../../../cli/core/deployment";

const secret = (value: unknown): object => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

const outputs = {
  url: "http://localhost:8080",
  clientId: "an-id",
  clientSecret: secret("a-secret"),
  projectId: "a-project",
  environment: "dev",
  secretPath: "/openai-rag/**",
};

function stateWith(given: { [name: string]: unknown }): Deployment {
  const urn = "urn:pulumi:dev::infisical::pulumi:pulumi:Stack::infisical-dev";
  return { deployment: { resources: [{ urn, type: "pulumi:pulumi:Stack", outputs: given }] } };
}

describe("the proof in a backup", () => {
  it("is read by the application of the stack, at the top of what it may read", () => {
    expect(applicationIn(stateWith(outputs))).toEqual({
      url: "http://localhost:8080",
      clientId: "an-id",
      clientSecret: "a-secret",
      projectId: "a-project",
      environment: "dev",
      path: "/openai-rag",
    });
  });

  it("is read by nobody where the stack has no application", () => {
    expect(applicationIn(stateWith({ ...outputs, clientSecret: undefined }))).toBeUndefined();
  });

  it("does not hold when a secret is gone or is another one, and holds beside further ones", () => {
    const saved = [
      { key: "A", sha256: "1" },
      { key: "B", sha256: "2" },
    ];
    expect(missingFrom([...saved, { key: "C", sha256: "3" }], saved)).toEqual([]);
    expect(missingFrom([{ key: "A", sha256: "other" }], saved)).toEqual(["A", "B"]);
  });
});
