import { describe, expect, it } from "vitest";
import { isBefore, postgresMajor, tagOf, withTag } from "../../../infra/image-tag";

describe("image names", () => {
  it.each([
    ["infisical/infisical:v0.159.22", "v0.159.22"],
    ["infisical/infisical:v0.159.22@sha256:0123", "v0.159.22"],
    ["registry.example.com:5000/infisical", "latest"],
    ["redis", "latest"],
  ])("%s has the tag %s", (image, tag) => expect(tagOf(image)).toBe(tag));

  it("take another tag, and lose the digest of the one before", () => {
    expect(withTag("infisical/infisical:v0.159.22@sha256:0123", "v0.160.0")).toBe("infisical/infisical:v0.160.0");
    expect(withTag("registry.example.com:5000/infisical", "v1")).toBe("registry.example.com:5000/infisical:v1");
  });

  it("tell the major version of Postgres, where they have one", () => {
    expect(postgresMajor("postgres:15-alpine")).toBe(15);
    expect(postgresMajor("mirror:5000/postgres:16.4")).toBe(16);
    expect(postgresMajor("postgres:latest")).toBeUndefined();
  });

  it("are compared by number, and not by letter", () => {
    expect(isBefore("v0.159.9", "v0.159.22")).toBe(true);
    expect(isBefore("0.159.22", "v0.159.22")).toBe(false);
    expect(isBefore("v1.0.0", "v0.159.22")).toBe(false);
  });
});
