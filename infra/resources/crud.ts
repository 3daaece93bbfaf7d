import type * as pulumi from "@pulumi/pulumi";
import { isFault, isNotPermitted, messageOf } from "../api/fault";
import { isCredentialRefused } from "../api/session";
import { sealedAt, type Properties } from "./sealed";

/** What exists already: the id and the properties that the state holds of it. */
export interface Known<State> {
  id: string;
  state: State;
}

/**
 * Notes what the server has committed, so that nothing is lost when a later step fails: the engine then keeps the
 * object as half made, and the next `up` goes on from there.
 *
 * The half-made object keeps the inputs of the state before, so that nothing it still has to undo is forgotten; those in
 * `applied` are true already.
 */
export type Save<Outputs, Inputs = object> = (id: string, outputs: Outputs, applied?: Partial<Inputs>) => void;

/**
 * One kind of resource: how to bring an object into the wanted form, read it, and remove it.
 *
 * `converge` is both create and update: it finds the object or makes it, and corrects what differs. So a create whose
 * answer was lost, and one that the provider finished after the engine was killed, are found again instead of doubled.
 */
export interface Kind<Inputs extends object, Outputs extends object> {
  /** Such as "Project". */
  noun: string;
  /** Which one, for messages; never a secret. */
  title: (inputs: Inputs) => string;
  /** Raise it when stored `read` or `delete` code has to change: those two run from the state, not from the program. */
  revision: number;
  /** Paths of secret values in inputs and outputs, see {@link sealedAt}. */
  secrets: string[];
  /** Inputs whose change needs another object. */
  replaceOn: string[];
  converge: (
    inputs: Inputs,
    known: Known<Inputs & Outputs> | undefined,
    save: Save<Outputs, Inputs>,
  ) => Promise<{ id: string; outputs: Outputs }>;
  /**
   * What the server has now: inputs as they really are, so that drift shows; nothing when the object is gone.
   * `complete: false` makes the next `up` converge although no input differs.
   */
  read: (
    id: string,
    state: Inputs & Outputs,
  ) => Promise<{ inputs: Inputs; outputs: Outputs; complete?: boolean } | undefined>;
  remove: (id: string, state: Inputs & Outputs) => Promise<void>;
  /** Whether something has come due by time alone, such as the revocation of an old client secret. */
  due?: (state: Inputs & Outputs) => boolean;
  /**
   * Inputs that the state does not keep a second time among its outputs; `differs` tells by other outputs whether such
   * an input has changed. `converge`, `read` and `remove` do not get them from the state.
   */
  condensed?: { inputs: string[]; differs: (state: Inputs & Outputs, inputs: Inputs) => boolean };
}

/** Makes the dynamic provider of a kind. All rules that keep dynamic providers honest live here. */
export function defineProvider<Inputs extends object, Outputs extends object>(
  kind: Kind<Inputs, Outputs>,
): pulumi.dynamic.ResourceProvider {
  type State = Inputs & Outputs;
  const condensed = ["__provider", ...(kind.condensed?.inputs ?? [])];
  // The other way to connect, which hardly anybody uses, is on every kind's list here.
  const secrets = [...kind.secrets, "connection.token"];
  const store = (inputs: Inputs, outputs: Partial<Outputs>, complete: boolean): Properties =>
    sealedAt({ ...without(inputs, condensed), ...outputs, complete, revision: kind.revision }, secrets);

  return {
    async check(_olds: Properties, news: Properties) {
      return { inputs: { ...news, revision: kind.revision }, failures: [] };
    },

    async diff(_id: string, olds: Properties, news: Properties) {
      const changed = changedInputs(olds, without(news, condensed));
      if (kind.condensed?.differs(olds as State, news as Inputs) === true) changed.push(...kind.condensed.inputs);
      // While a value is not known yet, nothing may be replaced on its account: the engine asks this way for every
      // dependent of a container that it replaces, and would delete and create what did not change at all.
      const replaces = changed.filter((name) => kind.replaceOn.includes(name) && !isUnknown(news[name]));
      const due = kind.due?.(olds as State) ?? false;
      // A refresh clears the engine's own mark of a half-made object, so the state carries ours.
      const must = olds.complete !== true || due;
      return {
        // Left open when inputs differ: the engine then compares them itself, and a plan names what changes in a secret
        // map, key by key. Told "yes", it shows the whole map without a mark.
        ...(must || changed.length === 0 ? { changes: must } : {}),
        replaces,
        deleteBeforeReplace: true,
      };
    },

    async create(news: Properties) {
      const inputs = news as Inputs;
      const { id, outputs } = await settle(kind, inputs, undefined, store);
      return { id, outs: store(inputs, outputs, true) };
    },

    async update(id: string, olds: Properties, news: Properties) {
      const inputs = news as Inputs;
      const { outputs } = await settle(kind, inputs, { id, state: olds as State }, store);
      return { outs: store(inputs, outputs, true) };
    },

    async read(id: string, props: Properties) {
      const state = props as State;
      const found = await explained(kind, state, "read", () => seenBy(kind, id, state));
      if (found === undefined) return {};
      if (found === "not seen") return { id, props: sealedAt(without(props, ["__provider"]), secrets) };
      const inputs = sealedAt({ ...without(found.inputs, ["__provider"]), revision: props.revision }, secrets);
      const complete = props.complete === true && (found.complete ?? true);
      return { id, inputs, props: { ...store(found.inputs, found.outputs, complete), revision: props.revision } };
    },

    async delete(id: string, props: Properties) {
      const state = props as State;
      await explained(kind, state, "delete", () => kind.remove(id, state));
    },
  };
}

/**
 * What the server has. With the automation identity refused, or without its rights, nothing can be seen, and a failure
 * here would keep the refresh from ever getting to the update that puts that right; so the object is taken for what it was.
 */
async function seenBy<Inputs extends object, Outputs extends object>(
  kind: Kind<Inputs, Outputs>,
  id: string,
  state: Inputs & Outputs,
): Promise<Awaited<ReturnType<typeof kind.read>> | "not seen"> {
  try {
    return await kind.read(id, state);
  } catch (thrown) {
    const why = isCredentialRefused(thrown)
      ? "the automation identity may not log in any more"
      : isNotPermitted(thrown) && `the identity that this stack works as may not: ${thrown.detail}`;
    if (why === false) throw thrown;
    console.error(`${kind.noun} ${kind.title(state)}: not looked at; ${why}`);
    return "not seen";
  }
}

/** Converges; once something was committed, a failure carries what is known of it, so that the engine keeps it. */
async function settle<Inputs extends object, Outputs extends object>(
  kind: Kind<Inputs, Outputs>,
  inputs: Inputs,
  known: Known<Inputs & Outputs> | undefined,
  store: (inputs: Inputs, outputs: Partial<Outputs>, complete: boolean) => Properties,
): Promise<{ id: string; outputs: Outputs }> {
  let saved: { id: string; outputs: Outputs; applied: Partial<Inputs> } | undefined;
  try {
    return await kind.converge(inputs, known, (id, outputs, applied = {}) => {
      saved = { id, outputs, applied };
    });
  } catch (thrown) {
    const message = described(kind, inputs, known === undefined ? "create" : "update", thrown);
    if (saved === undefined) throw plainError(message);
    // Pulumi adds the code to what succeeded only; what carries none can be neither read nor deleted.
    const { __provider } = inputs as Properties;
    const properties = { ...store(inputs, { ...known?.state, ...saved.applied, ...saved.outputs }, false), __provider };
    // The engine shows the reasons only, so the whole text goes there.
    throw Object.assign(plainError(message), { id: saved.id, properties, reasons: [message] });
  }
}

async function explained<Inputs extends object, Outputs extends object, T>(
  kind: Kind<Inputs, Outputs>,
  state: Inputs,
  act: string,
  run: () => Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (thrown) {
    throw plainError(described(kind, state, act, thrown));
  }
}

function described<Inputs extends object, Outputs extends object>(
  kind: Kind<Inputs, Outputs>,
  inputs: Inputs,
  act: string,
  thrown: unknown,
): string {
  const story = isFault(thrown) || !(thrown instanceof Error) ? messageOf(thrown) : (thrown.stack ?? thrown.message);
  return `could not ${act} ${kind.noun} ${kind.title(inputs)}: ${story}`;
}

/** An error whose stack is its message: the engine prints the stack of what some methods throw. */
function plainError(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

/** The inputs that differ from the state. The state holds each of them under its own name. */
function changedInputs(olds: Properties, news: Properties): string[] {
  return Object.keys(news).filter((name) => canonical(news[name]) !== canonical(olds[name]));
}

/** JSON with sorted keys, so that the order in which a server gives them is no difference. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}

/** Whether a value is, or holds, the text that stands for "not known until the update". */
export function isUnknown(value: unknown): boolean {
  return JSON.stringify(value ?? null).includes("04da6b54-80e4-46f7-96ec-b56ff0331ba9");
}

function without(inputs: object, names: string[]): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
}
