import { PolicyPack, type ResourceValidationPolicy, type StackValidationPolicy } from "@pulumi/policy";
import { clearSecrets } from "./clear-secrets";
import { unprotected } from "./durable";
import { exposedWithoutTls, type ContainerInputs } from "./exposure";
import { imageWithoutDigest, movingImage } from "./images";
import { wideGrants, type AccessInputs } from "./wide-grants";

const CONTAINER = "docker:index/container:Container";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const ACCESS = "pulumi-nodejs:dynamic/infisical:ProjectAccess";

/** By URN, what the remediation found: only there can a value that is marked be told from one that is not. */
const inClear = new Map<string, string[]>();

const noSecretInClear: ResourceValidationPolicy = {
  name: "no-secret-in-clear",
  description: "Secrets among the inputs of a resource are marked as secret.",
  severity: "critical",
  // It corrects nothing: a validation is handed all values without their marks.
  enforcementLevel: "remediate",
  remediateResource: ({ urn, type, props }) => {
    inClear.set(urn, clearSecrets(type, props));
  },
  validateResource: ({ urn }, report) => {
    if (!inClear.has(urn)) report("it cannot be checked with this enforcement level: leave it at remediate.");
    for (const path of inClear.get(urn) ?? []) {
      report(`the input ${path} is a secret in clear. Wrap it: pulumi.secret(...), or set it by config set --secret.`);
    }
  },
};

const noWideGrant: ResourceValidationPolicy = {
  name: "no-unacknowledged-wide-grant",
  description: "No identity gets every folder of an environment unless a reason is given.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type === ACCESS) wideGrants(props as AccessInputs).forEach((message) => report(message));
  },
};

const noExposure: ResourceValidationPolicy = {
  name: "no-exposure-without-tls",
  description: "Nothing is published beyond loopback without TLS.",
  severity: "high",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    if (type === CONTAINER) exposedWithoutTls(props as ContainerInputs).forEach((message) => report(message));
  },
};

const durableIsProtected: StackValidationPolicy = {
  name: "durable-is-protected",
  description: "Keys, volumes, containers and network of a durable server are protected.",
  severity: "critical",
  enforcementLevel: "mandatory",
  validateStack: ({ resources }, report) => {
    const seen = resources.map(({ opts, parent, ...rest }) => ({
      ...rest,
      protect: opts.protect,
      parent: parent?.urn,
    }));
    for (const { urn, message } of unprotected(seen)) report(message, urn);
  },
};

const imagesArePinned: ResourceValidationPolicy = {
  name: "images-are-pinned",
  description: "Images are named by version or digest.",
  severity: "medium",
  enforcementLevel: "mandatory",
  validateResource: ({ type, props }, report) => {
    const message = type === IMAGE ? movingImage(String(props.name)) : undefined;
    if (message !== undefined) report(message);
  },
};

const digestsAreNamed: ResourceValidationPolicy = {
  name: "image-digests-are-named",
  description: "Images are named by digest.",
  severity: "low",
  enforcementLevel: "advisory",
  validateResource: ({ type, props }, report) => {
    const message = type === IMAGE ? imageWithoutDigest(String(props.name)) : undefined;
    if (message !== undefined) report(message);
  },
};

export = new PolicyPack("infisical-pulumi-stack", {
  policies: [noSecretInClear, noWideGrant, noExposure, durableIsProtected, imagesArePinned, digestsAreNamed],
});
