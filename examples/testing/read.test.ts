import { expect, it } from "vitest";
import { useInfisical } from "./vitest.js";

const infisical = useInfisical({ values: { OPENAI_API_KEY: "sk-only-in-this-test" } });

// Your application reads by an SDK; two plain requests keep this example without dependencies.
it("gives the application the secrets of the blueprint, and the value of this test", async () => {
  const { url, environment } = infisical();
  const login = await fetch(`${url}/api/v1/auth/universal-auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      clientId: environment.INFISICAL_CLIENT_ID,
      clientSecret: environment.INFISICAL_CLIENT_SECRET,
    }),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const query = new URLSearchParams({
    workspaceId: environment.INFISICAL_PROJECT_ID ?? "",
    environment: environment.INFISICAL_ENV ?? "",
    secretPath: environment.INFISICAL_PATH ?? "",
  });
  const headers = { authorization: `Bearer ${accessToken}` };
  const answer = await fetch(`${url}/api/v3/secrets/raw?${query.toString()}`, { headers });
  const { secrets } = (await answer.json()) as { secrets: { secretKey: string; secretValue: string }[] };
  const values = Object.fromEntries(secrets.map(({ secretKey, secretValue }) => [secretKey, secretValue]));
  expect(values).toMatchObject({ OPENAI_API_KEY: "sk-only-in-this-test", OPENAI_LLM_MODEL: "gpt-4o-mini" });
});
