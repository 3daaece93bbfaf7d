import { isDeepStrictEqual } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { revive } from "./serialiser-stub";

type Properties = { [name: string]: unknown };
type Make = () => pulumi.CustomResource;

const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** What Pulumi's engine keeps of a resource. Outputs are as the provider gave them, seals included. */
interface Stored {
  id: string;
  inputs: Properties;
  outputs: Properties;
  /** Why it is half made; the next `up` then updates it. */
  initErrors?: string[];
}

/**
 * Runs one dynamic resource through its life as Pulumi's engine and its Node provider do (measured at 3.248): secrets
 * reach the provider in clear, `read` and `delete` run what the state holds, a failed create that says its id is kept.
 */
export class ResourceEngine {
  private stored: Stored | undefined;

  constructor(private make: Make) {}

  get state(): Stored | undefined {
    return this.stored;
  }

  /** As `pulumi up`. @param make the resource as the program has it now; the one before when left out. */
  async up(make: Make = this.make): Promise<"created" | "updated" | "replaced" | "unchanged"> {
    this.make = make;
    const inputs = await this.checkedInputs();
    const before = this.stored;
    if (before === undefined) {
      await this.create(inputs);
      return "created";
    }
    const seen = await revive(inputs.__provider).diff?.(before.id, plain(before.outputs), plain(inputs));
    if ((seen?.replaces ?? []).length > 0) {
      await this.destroy();
      await this.create(inputs);
      return "replaced";
    }
    // Where the provider leaves it open, the engine compares the inputs.
    const changes = seen?.changes ?? !isSame(plain(before.inputs), plain(inputs));
    if (!changes && before.initErrors === undefined) return "unchanged";
    await this.update(before, inputs);
    return "updated";
  }

  /** As `pulumi refresh`; it forgets that an object is half made. */
  async refresh(): Promise<"same" | "changed" | "gone"> {
    if (this.stored === undefined) return "gone";
    const { id, inputs, outputs } = this.stored;
    const read = await revive(outputs.__provider).read?.(id, plain(outputs));
    if (read?.id === undefined || read.id === "") {
      this.stored = undefined;
      return "gone";
    }
    const { __provider } = outputs;
    this.stored = { id, inputs: { ...read.inputs, __provider }, outputs: { ...read.props, __provider } };
    return isSame(plain(this.stored.inputs), plain(inputs)) ? "same" : "changed";
  }

  async destroy(): Promise<void> {
    if (this.stored === undefined) return;
    const { id, outputs } = this.stored;
    await revive(outputs.__provider).delete?.(id, plain(outputs));
    this.stored = undefined;
  }

  private async checkedInputs(): Promise<Properties> {
    const news = await inputsOf(this.make);
    const { __provider } = news;
    const checked = await revive(__provider).check?.(plain(this.stored?.inputs ?? {}), news);
    return { ...((checked?.inputs as Properties | undefined) ?? news), __provider };
  }

  private create(inputs: Properties): Promise<void> {
    return this.keepingHalfMade(inputs, async () => {
      const { __provider } = inputs;
      const { id, outs } = await revive(__provider).create(plain(inputs));
      this.stored = { id, inputs, outputs: { ...outs, __provider } };
    });
  }

  private update({ id, outputs }: Stored, inputs: Properties): Promise<void> {
    return this.keepingHalfMade(inputs, async () => {
      const { __provider } = inputs;
      const result = await revive(__provider).update?.(id, plain(outputs), plain(inputs));
      this.stored = { id, inputs, outputs: { ...result?.outs, __provider } };
    });
  }

  private async keepingHalfMade(inputs: Properties, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      const { id, properties = {}, reasons = [] } = thrown as Partial<HalfMade>;
      // Unlike for a success, Pulumi does not put the provider in by itself here; an update keeps the old inputs.
      if (id !== undefined) {
        this.stored = { id, inputs: this.stored?.inputs ?? inputs, outputs: properties, initErrors: reasons };
      }
      throw thrown;
    }
  }
}

/** What an error carries whose object is there all the same. */
interface HalfMade {
  id: string;
  properties: Properties;
  reasons: string[];
}

/** The inputs that a resource of the program has, as the engine gets them. */
async function inputsOf(make: Make): Promise<Properties> {
  let inputs: Properties = {};
  await pulumi.runtime.setMocks({
    call: ({ token }) => {
      throw new Error(`unexpected call of ${token}`);
    },
    newResource: (args) => {
      inputs = args.inputs as Properties;
      return { id: "mock", state: {} };
    },
  });
  await new Promise((resolve) => make().urn.apply(resolve));
  return plain(inputs);
}

/** A copy without the seals: the engine hands secrets to a provider in clear. */
export function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (isSeal(inner) ? inner.value : inner)) as T;
}

/** A copy that shows what lies in clear: everything but what is sealed. */
export function clear(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (isSeal(inner) ? "[secret]" : inner));
}

function isSeal(value: unknown): value is { value: unknown } {
  return typeof value === "object" && value !== null && SIGNATURE in value;
}

/** Whether two sets of inputs are the same but for the code. */
function isSame(one: Properties, other: Properties): boolean {
  return isDeepStrictEqual({ ...one, __provider: "" }, { ...other, __provider: "" });
}
