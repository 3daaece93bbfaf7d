import { InfisicalSDK } from "@infisical/sdk";
import { expect, it } from "vitest";
import { useInfisical } from "./vitest.js";

const infisical = useInfisical({ values: { OPENAI_API_KEY: "sk-only-in-this-test" } });

it("gives the application the secrets of the blueprint, and the value of this test", async () => {
  const { environment } = infisical();
  const client = new InfisicalSDK({ siteUrl: environment.INFISICAL_HOST });
  await client.auth().universalAuth.login({
    clientId: environment.INFISICAL_CLIENT_ID ?? "",
    clientSecret: environment.INFISICAL_CLIENT_SECRET ?? "",
  });
  const { secrets } = await client.secrets().listSecrets({
    projectId: environment.INFISICAL_PROJECT_ID ?? "",
    environment: environment.INFISICAL_ENV ?? "",
    secretPath: environment.INFISICAL_PATH ?? "",
  });
  const values = Object.fromEntries(secrets.map(({ secretKey, secretValue }) => [secretKey, secretValue]));
  expect(values).toMatchObject({ OPENAI_API_KEY: "sk-only-in-this-test", OPENAI_LLM_MODEL: "gpt-4o-mini" });
});
