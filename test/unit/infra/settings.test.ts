import { afterEach, describe, expect, it, vi } from "vitest";
import { settingsFor, valueOf } from "../../support/program-record";

type Config = { [key: string]: string };

/** The one message of a configuration that is refused. */
async function refusal(config: Config, secretKeys: string[] = []): Promise<string> {
  return settingsFor(config, secretKeys).then(
    () => "nothing was refused",
    (thrown: Error) => thrown.message,
  );
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("settings", () => {
  it("have defaults: Docker, loopback, disposable, the blueprint of the tutorial", async () => {
    expect(await settingsFor({})).toMatchObject({
      target: "docker",
      url: "http://localhost:8080",
      owner: "infisical/dev",
      "server.port": 8080,
      "server.bindAddress": "127.0.0.1",
      "server.durable": false,
      "server.readyTimeout": 300,
      "admin.email": "admin@example.com",
      "image.infisical": "infisical/infisical:v0.159.22",
      unset: ["OPENAI_API_KEY"],
    });
  });

  it("are taken from the configuration, also from an object that `config set --path` makes", async () => {
    const settings = await settingsFor({ server: '{"port": 9090, "durable": true}', "admin.email": "Ada@Example.com" });
    expect(settings).toMatchObject({ "server.port": 9090, "server.durable": true, "admin.email": "ada@example.com" });
    expect(settings.url).toBe("http://localhost:9090");
  });

  it("have the address under which people reach the server, without a slash at its end", async () => {
    const { url } = await settingsFor({ "server.siteUrl": "https://secrets.example.com/" });
    expect(url).toBe("https://secrets.example.com");
  });

  it("give a secret of the blueprint its value, which may be JSON or hold colons", async () => {
    const value = '{"type": "service_account", "key": "a:b"}';
    const settings = await settingsFor({ OPENAI_API_KEY: value }, ["OPENAI_API_KEY"]);
    const source = settings.plan.projects["my-rag"]?.secrets.dev?.["/openai-rag"]?.OPENAI_API_KEY;
    if (source === undefined || "generated" in source) throw new Error("the blueprint has no such secret");
    expect((await valueOf(settings.valueOf(source))).value).toBe(value);
    expect(settings.unset).toEqual([]);
  });
});

describe("a setting that is refused names the key and the remedy", () => {
  it.each<[string, string, RegExp]>([
    ["target", "kubernetes", /write docker, sandbox or external/],
    ["server.port", "eighty", /write a whole number/],
    ["server.port", "0", /ports go from 1 to 65535/],
    ["server.port", "70000", /ports go from 1 to 65535/],
    ["server.port", "-1", /write a whole number/],
    ["server.bindAddress", "localhost", /write an IP address/],
    ["server.siteUrl", "infisical.example.com", /write an address such as https/],
    ["server.siteUrl", "ftp://infisical.example.com", /write an address such as https/],
    ["server.durable", "yes", /write true or false/],
    ["server.readyTimeout", "5", /at least 10 s/],
    ["server.readyTimeout", "9999", /at most 3600 s/],
    ["server.dockerHost", "my-host", /write an address such as ssh/],
    ["server.sandboxProfile", "latest", /write v0\.159\.22 or recorded/],
    ["image.postgres", "Postgres 15", /write NAME:TAG/],
    ["image.redis", "redis@sha256:abc", /write NAME:TAG/],
    ["image.mirror", "https://mirror/", /write a host/],
    ["memory.redis", "1", /at least 64/],
    ["memory.infisical", "2G", /write a whole number/],
    ["admin.email", "admin", /write an e-mail address/],
  ])("%s = %s", async (key, value, problem) => {
    const told = await refusal({ [key]: value });
    expect(told).toMatch(problem);
    expect(told.split("\n")).toHaveLength(1);
    expect(told).toMatch(new RegExp(`^infisical:${key.replace(".", "\\.")}: `));
    expect(told).toContain(`(now: ${value}). Correct it: pulumi config set ${key} ...`);
  });

  it("without showing the value where that is a secret", async () => {
    const told = await refusal({ "admin.password": "s3cret" }, ["admin.password"]);
    expect(told).toBe(
      "infisical:admin.password: at least 12 characters. Correct it: pulumi config set admin.password ...",
    );
  });

  it("with every problem in one message, a line each", async () => {
    const told = await refusal({ "server.port": "0", "admin.email": "admin" });
    expect(told.split("\n")).toHaveLength(2);
  });
});

describe("a key that nobody knows", () => {
  it("is refused with what was meant, and how to remove it", async () => {
    expect(await refusal({ "server.prot": "8080" })).toBe(
      "infisical:server.prot: unknown key. Did you mean server.port? Remove it: pulumi config rm server.prot -s dev",
    );
    expect(await refusal({ OPENAI_APIKEY: "x" })).toContain("Did you mean OPENAI_API_KEY?");
  });

  it("is refused also where nothing like it is known, and inside an object", async () => {
    expect(await refusal({ somethingElse: "x" })).toMatch(
      /unknown key\. It is no setting and no secret of the blueprint/,
    );
    expect(await refusal({ server: '{"prot": 1}' })).toMatch(/^infisical:server\.prot: unknown key/);
  });
});

describe("a secret that stands in clear in the stack file", () => {
  it.each(["OPENAI_API_KEY", "admin.password", "server.licenseKey"])(
    "is refused without being shown: %s",
    async (key) => {
      const told = await refusal({ [key]: "s3cret-in-clear" });
      expect(told).toContain(`infisical:${key}: it is a secret, and stands in clear in the stack file.`);
      expect(told).toContain(`Set it again: pulumi config set --secret ${key}`);
      expect(told).not.toContain("s3cret");
    },
  );
});

describe("a blueprint that cannot be used", () => {
  it("is refused with how to name another one", async () => {
    expect(await refusal({ blueprint: "no/such.yaml" })).toMatch(
      /^no\/such\.yaml: there is no such file.*Set infisical:blueprint/,
    );
  });
});

describe("the account of an Infisical that exists already", () => {
  const external = { target: "external", "external.url": "https://infisical.example.com" };

  it("is the configuration's, or that of the variables of Infisical's command line", async () => {
    const own = await settingsFor({ ...external, "external.clientId": "id", "external.clientSecret": "s3cret" }, [
      "external.clientSecret",
    ]);
    expect(own.account).toEqual({ clientId: "id", clientSecret: "s3cret" });
    vi.stubEnv("INFISICAL_UNIVERSAL_AUTH_CLIENT_ID", "from-env");
    vi.stubEnv("INFISICAL_UNIVERSAL_AUTH_CLIENT_SECRET", "s3cret-env");
    expect((await settingsFor(external)).account).toEqual({ clientId: "from-env", clientSecret: "s3cret-env" });
  });

  it("is asked for when it is missing, with every way to give it", async () => {
    for (const name of ["CLIENT_ID", "CLIENT_SECRET"]) vi.stubEnv(`INFISICAL_UNIVERSAL_AUTH_${name}`, "");
    vi.stubEnv("INFISICAL_TOKEN", "");
    const told = await refusal({ target: "external" });
    expect(told).toMatch(/infisical:external\.url: .*pulumi config set external\.url/);
    expect(told).toMatch(/external\.clientId.*--secret external\.clientSecret.*INFISICAL_TOKEN/);
  });
});
