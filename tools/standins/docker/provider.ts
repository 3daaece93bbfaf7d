import { createHash, randomBytes } from "node:crypto";
import type Docker from "dockerode";
import { checkInputs, type Failure } from "./check.js";
import { container } from "./container.js";
import { diffValues, isEmpty, meansTheSame, type Change } from "./diff.js";
import { connect } from "./engine.js";
import { network } from "./network.js";
import { bool, isRecord, text, UNKNOWN, withDefaults, type Fields, type Property, type Values } from "./property.js";
import { remoteImage } from "./remote-image.js";
import { PartlyMade, type Made, type ResourceKind } from "./resource.js";
import { volume } from "./volume.js";

const KINDS: Record<string, ResourceKind> = {
  "docker:index/container:Container": container,
  "docker:index/network:Network": network,
  "docker:index/remoteImage:RemoteImage": remoteImage,
  "docker:index/volume:Volume": volume,
};

const CONFIG: Fields = { host: text(), disableDockerDaemonCheck: bool(), version: text(), pluginDownloadURL: text() };

/** The answer to "what would change". */
export interface Difference {
  changes: Change[];
  deleteBeforeReplace: boolean;
}

/** The type token of a resource's URN. */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

/** The behaviour of the docker plugin, free of the wire. Values are plain; messages are those of the real one. */
export class DockerProvider {
  private docker: Docker | undefined;

  /** Everything that is wrong with the provider's own configuration. */
  checkConfig(config: Values): Failure[] {
    const fields = Object.fromEntries(Object.entries(config).filter(([name]) => name !== "__internal"));
    const booleans = fields.disableDockerDaemonCheck === "true" || fields.disableDockerDaemonCheck === "false";
    return checkInputs(booleans ? { ...fields, disableDockerDaemonCheck: true } : fields, CONFIG);
  }

  configure(config: Values): void {
    this.docker = connect(config);
  }

  /** Inputs with their defaults and, where the program names nothing, a name; and what is wrong with them. */
  check(urn: string, olds: Values, news: Values, randomSeed: Uint8Array): { inputs: Values; failures: Failure[] } {
    const kind = kindOf(urn);
    const given = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null && value !== undefined));
    if (given.name === undefined && kind !== remoteImage) given.name = olds.name ?? automaticName(urn, randomSeed);
    const failures = checkInputs(given, kind.fields).map((failure) => describe(urn, failure));
    return { inputs: withoutZeroDefaults(given, withDefaults(given, kind.fields)), failures };
  }

  diff(urn: string, olds: Values, news: Values, oldInputs: Values): Difference {
    const kind = kindOf(urn);
    const changes = diffValues(olds, news, kind.fields, kind.computedLists);
    const replaced = changes.some((change) => change.replace);
    const sameName = typeof news.name === "string" && news.name === olds.name && oldInputs.name === news.name;
    return { changes, deleteBeforeReplace: replaced && (kind.deleteBeforeReplace || sameName) };
  }

  async create(urn: string, inputs: Values, preview: boolean): Promise<Made> {
    const kind = kindOf(urn);
    const full = withDefaults(inputs, kind.fields);
    if (preview) return { id: "", outputs: proposed(kind, full) };
    const made = await this.named(urn, "creating", () => kind.create(this.engine(), full));
    return { id: made.id, outputs: { ...unsetOutputs(kind), ...made.outputs, ...plannedSets(kind, full) } };
  }

  /** The object as it is, and the program's inputs as they would have to be to describe it. */
  async read(
    urn: string,
    id: string,
    outputs: Values,
    inputs: Values,
  ): Promise<(Made & { inputs: Values }) | undefined> {
    const kind = kindOf(urn);
    const imported = Object.keys(outputs).length === 0;
    const olds = imported ? withDefaults({ name: id }, kind.fields) : outputs;
    const found = await this.named(urn, "refreshing", () => kind.read(this.engine(), id, olds));
    if (!found) return undefined;
    return { ...found, inputs: inputsFrom(kind, imported ? found.outputs : inputs, found.outputs) };
  }

  async update(urn: string, id: string, olds: Values, news: Values, preview: boolean): Promise<Values> {
    const kind = kindOf(urn);
    const full = withDefaults(news, kind.fields);
    const planned = { ...forgotten(kind, olds, full), ...full };
    if (preview) return planned;
    return {
      ...planned,
      ...(await this.named(urn, "updating", () => kind.update(this.engine(), id, olds, full))),
      ...full,
    };
  }

  async remove(urn: string, id: string, outputs: Values): Promise<void> {
    await this.named(urn, "deleting", () => kindOf(urn).remove(this.engine(), id, outputs));
  }

  private engine(): Docker {
    if (!this.docker) throw new Error("the provider was asked to work before it was configured");
    return this.docker;
  }

  /** Errors carry what was being done to what. */
  private async named<T>(urn: string, doing: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `1 error occurred:\n\t* ${reason}\n\n`;
      if (error instanceof PartlyMade) throw new PartlyMade(error.id, error.outputs, `${doing} ${urn}: ${message}`);
      throw new Error(doing === "creating" ? message : `${doing} ${urn}: ${message}`, { cause: error });
    }
  }
}

function kindOf(urn: string): ResourceKind {
  const kind = KINDS[typeOf(urn)];
  if (kind) return kind;
  throw new Error(
    `the stand-in for the docker plugin does not implement ${typeOf(urn)} (only ${Object.keys(KINDS).join(", ")}). ` +
      "Use the real plugin: pulumi plugin install resource docker 5.2.0",
  );
}

function automaticName(urn: string, seed: Uint8Array): string {
  const logical = urn.split("::").at(-1) ?? "resource";
  const random = seed.length > 0 ? createHash("sha256").update(seed).digest("hex") : randomBytes(8).toString("hex");
  return `${logical}-${random.slice(0, 7)}`;
}

function describe(urn: string, failure: Failure): Failure {
  const name = urn.split("::").at(-1) ?? "";
  return { property: failure.property, reason: `${failure.reason}. Examine values at '${name}.${failure.property}'.` };
}

/** A default that is a zero value is not written into the inputs by the real provider. */
function withoutZeroDefaults(given: Values, filled: Values): Values {
  return Object.fromEntries(Object.entries(filled).filter(([name, value]) => name in given || !isEmpty(value)));
}

function proposed(kind: ResourceKind, inputs: Values): Values {
  const unknown = kind.computedOutputs.filter((name) => isEmpty(inputs[name]));
  return { ...inputs, ...Object.fromEntries(unknown.map((name) => [name, UNKNOWN])) };
}

/** After a create the state keeps the sets as the program wrote them; what the engine made of them shows after a refresh. */
function plannedSets(kind: ResourceKind, inputs: Values): Values {
  const isSet = (name: string) => kind.fields[name]?.kind === "set" || kind.fields[name]?.set === true;
  return Object.fromEntries(Object.entries(inputs).filter(([name, value]) => isSet(name) && !isEmpty(value)));
}

/** Outputs for what neither the program nor the engine says. */
function unsetOutputs(kind: ResourceKind): Values {
  const unset = (property: Property) => {
    if (property.kind === "list" || property.kind === "set") return [];
    return property.kind === "map" ? {} : null;
  };
  return Object.fromEntries(Object.entries(kind.fields).map(([name, property]) => [name, unset(property)]));
}

/** What the state holds, without what the program no longer asks for. */
function forgotten(kind: ResourceKind, olds: Values, news: Values): Values {
  const kept = Object.entries(olds).filter(([name]) => {
    const property = kind.fields[name];
    return !property || property.computed || property.emptyKeepsOld || !isEmpty(news[name]);
  });
  return Object.fromEntries(kept);
}

/** The program's inputs, each replaced by what the object has where that means something else. */
function inputsFrom(kind: ResourceKind, inputs: Values, outputs: Values): Values {
  const entries = Object.entries(inputs).flatMap(([name, value]) => {
    const property = kind.fields[name];
    const actual = outputs[name];
    if (!property || name.startsWith("__")) return [];
    if (meansTheSame(comparable(value, property), actual, property)) return [[name, value] as const];
    return actual === undefined || actual === null ? [] : [[name, actual] as const];
  });
  return Object.fromEntries(entries);
}

function comparable(value: Values[string], property: Fields[string]): Values[string] {
  return isRecord(value) && property.fields ? withDefaults(value, property.fields) : value;
}
