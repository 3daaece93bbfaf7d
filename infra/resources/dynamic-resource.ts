import { brotliCompressSync } from "node:zlib";
import * as pulumi from "@pulumi/pulumi";
import { keptProvider } from "./provider-cache";

/**
 * A dynamic resource as Pulumi's own, whose provider is kept compressed.
 *
 * The text of a provider is stored twice in every resource: 30 to 55 kB each time, which with a hundred folders is more
 * than all their secrets. Compressed it is about a fifth.
 */
export class DynamicResource extends pulumi.CustomResource {
  constructor(
    provider: pulumi.dynamic.ResourceProvider,
    name: string,
    inputs: pulumi.Inputs,
    opts: pulumi.CustomResourceOptions | undefined,
    module: string,
    type: string,
  ) {
    const text = packedOnce(provider, type);
    super(`pulumi-nodejs:dynamic/${module}:${type}`, name, { ...inputs, __provider: text }, opts);
  }
}

/** Characters of a provider below which packing saves nothing. */
const WORTH_PACKING = 2_000;

const packedProviders = new WeakMap<pulumi.dynamic.ResourceProvider, Promise<string>>();

function packedOnce(provider: pulumi.dynamic.ResourceProvider, type: string): Promise<string> {
  const known = packedProviders.get(provider);
  if (known !== undefined) return known;
  const packed = keptProvider(type, async () => {
    const { text } = await pulumi.runtime.serializeFunction(() => provider);
    return text.length < WORTH_PACKING ? text : moduleOf(text);
  });
  packedProviders.set(provider, packed);
  return packed;
}

/** A module that unpacks the serialised one and is used in its place. */
function moduleOf(text: string): string {
  const code = brotliCompressSync(Buffer.from(text)).toString("base64");
  return `exports.handler = () => {
  const text = require("node:zlib").brotliDecompressSync(Buffer.from("${code}", "base64")).toString();
  const inner = {};
  new Function("exports", "require", text)(inner, require);
  return inner.handler();
};
`;
}
