// What the benchmark compares with: a resource and a request for every key. Its settings come by environment, so that
// nothing of them gets into the state.
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";

interface Inputs {
  key: string;
  value: string;
}

const oneSecret: pulumi.dynamic.ResourceProvider = {
  async create({ key, value }: Inputs) {
    await ask("POST", key, { secretValue: value });
    return { id: key, outs: { key, value } };
  },
  async read(id: string, { value }: Inputs) {
    await ask("GET", id);
    return { id, props: { key: id, value } };
  },
  async diff(_id: string, before: Inputs, { value }: Inputs) {
    return { changes: before.value !== value };
  },
  async update(id: string, _before: Inputs, { key, value }: Inputs) {
    await ask("PATCH", id, { secretValue: value });
    return { outs: { key, value } };
  },
  async delete(id: string) {
    await ask("DELETE", id, {});
  },
};

async function ask(method: string, key: string, body?: { [name: string]: string }): Promise<void> {
  const { BENCH_URL = "", BENCH_TOKEN = "", BENCH_PROJECT = "" } = process.env;
  const place = { projectId: BENCH_PROJECT, environment: "dev", secretPath: "/single" };
  const query = body === undefined ? `?${new URLSearchParams(place).toString()}` : "";
  const response = await fetch(`${BENCH_URL}/api/v4/secrets/${key}${query}`, {
    method,
    headers: { authorization: `Bearer ${BENCH_TOKEN}`, "user-agent": "bench", "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify({ ...place, ...body }) }),
  });
  await response.text();
  if (!response.ok) throw new Error(`${method} ${key}: ${response.status}`);
}

class OneSecret extends pulumi.dynamic.Resource {
  constructor(inputs: Inputs) {
    super(oneSecret, inputs.key, { ...inputs, value: pulumi.secret(inputs.value) }, undefined, "bench", "OneSecret");
  }
}

const keys: unknown = JSON.parse(readFileSync(process.env.BENCH_KEYS ?? "", "utf8"));
for (const [key, value] of Object.entries(keys as { [key: string]: string })) {
  new OneSecret({ key, value });
}
