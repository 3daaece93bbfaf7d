import { describe, expect, it } from "vitest";
import { parseDotenv } from "../../../cli/core/consumers";

describe("parseDotenv", () => {
  it("takes each line apart at its first =, and passes over what is none", () => {
    expect(parseDotenv("A=1\n\nB=x=y==\nC=\nnothing\n# no comment has an equals sign\n")).toEqual({
      A: "1",
      B: "x=y==",
      C: "",
    });
  });

  it("of nothing is nothing", () => {
    expect(parseDotenv("")).toEqual({});
  });
});
