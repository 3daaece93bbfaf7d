import { z } from "zod";
import { nearName } from "../near-name";
import { blueprintSchema } from "./schema";

/** As much of a JSON schema as is walked here. */
interface Node {
  properties?: { [key: string]: Node };
  additionalProperties?: Node | boolean;
  items?: Node;
  anyOf?: Node[];
}

/** The key that a mistyped one in a blueprint was probably meant to be: one that may stand in the same place. */
export function nearKey(path: readonly (string | number)[], key: string): string | undefined {
  let places = [z.toJSONSchema(blueprintSchema, { io: "input", unrepresentable: "any" }) as Node];
  for (const part of path) places = places.flatMap(alternatives).flatMap((place) => below(place, part));
  const known = places.flatMap(alternatives).flatMap(({ properties }) => Object.keys(properties ?? {}));
  return nearName(key, known);
}

function alternatives(place: Node): Node[] {
  return [place, ...(place.anyOf ?? []).flatMap(alternatives)];
}

function below({ properties, additionalProperties, items }: Node, part: string | number): Node[] {
  const named = properties?.[String(part)];
  const any = typeof additionalProperties === "object" ? additionalProperties : undefined;
  return [named ?? any, typeof part === "number" ? items : undefined].filter((place) => place !== undefined);
}
