import { describe, expect, it } from "vitest";
import { withVariables } from "../../../cli/core/env-lines";

describe("the text of an environment file", () => {
  it("keeps what is not ours, in its place and with its comments", () => {
    const text = "# mine\nOTHER=a=b\nINFISICAL_HOST=http://old\n\nexport LAST='x y'\n";
    expect(withVariables(text, { INFISICAL_HOST: "http://new", INFISICAL_ENV: "dev" })).toBe(
      "# mine\nOTHER=a=b\nINFISICAL_HOST=http://new\n\nexport LAST='x y'\nINFISICAL_ENV=dev\n",
    );
  });

  it("is the variables alone where there was none", () => {
    expect(withVariables("", { A: "1", B: "2" })).toBe("A=1\nB=2\n");
  });

  it("leaves an export an export, and takes out a second line of a name, which would win", () => {
    expect(withVariables("  export A=0\nA=old\nA = older", { A: "1" })).toBe("  export A=1\n");
  });

  it("stays as it is the second time", () => {
    const once = withVariables("X=1", { A: "1" });
    expect(withVariables(once, { A: "1" })).toBe(once);
  });
});
