import type * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { SECRET } from "./samples";

/** Providers that each break one rule of code that is serialised. The check has to find all of them. */
export const brokenProviders: { [rule: string]: pulumi.dynamic.ResourceProvider } = {
  foreignPackage: {
    async create() {
      return { id: String(parse("a")) };
    },
  },
  capturedSecret: {
    async create() {
      return { id: SECRET.slice(0, 1) };
    },
  },
  moduleMap: {
    async create() {
      return { id: String(SEEN.get("a")) };
    },
  },
  lostField: {
    async create() {
      return { id: new Counter().next() };
    },
  },
};

const SEEN = new Map([["a", 1]]);

class Counter {
  private count = [1];

  next(): string {
    return String(this.count.length);
  }
}
