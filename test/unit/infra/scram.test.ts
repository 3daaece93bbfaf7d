import { describe, expect, it } from "vitest";
import { scramVerifier } from "../../../infra/database/scram";

describe("the verifier of a database password", () => {
  it("is the one of RFC 7677's example", () => {
    const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
    expect(scramVerifier("pencil", salt)).toBe(
      "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==" +
        "$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
    );
  });

  it("has another salt each time, and never holds the password", () => {
    const verifiers = [scramVerifier("p4ssw0rd"), scramVerifier("p4ssw0rd")];
    expect(new Set(verifiers).size).toBe(2);
    expect(verifiers.join()).not.toContain("p4ssw0rd");
  });
});
