import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import type { JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb.js";
import { isRecord, UNKNOWN, type Value, type Values } from "./property.js";

// Marks of Pulumi's wire format, as in @pulumi/pulumi/runtime/rpc.js.
const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/**
 * Values of a message. Secrets arrive in clear and leave in clear: like the real provider, this one does not accept
 * secrets, and the engine puts the marks back by property path.
 */
export function decode(struct: Struct | undefined): Values {
  const plain = struct ? struct.toJavaScript() : {};
  return decodeRecord(plain as Record<string, unknown>);
}

function decodeRecord(record: Record<string, unknown>): Values {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, decodeValue(value)]));
}

function decodeValue(value: unknown): Value {
  if (value === UNKNOWN_TEXT) return UNKNOWN;
  if (Array.isArray(value)) return value.map(decodeValue);
  if (typeof value !== "object" || value === null) return value as Value;
  const record = value as Record<string, unknown>;
  const mark = record[SIGNATURE];
  if (mark === undefined) return decodeRecord(record);
  if (mark === SECRET) return decodeValue(record.value);
  if (mark === OUTPUT) return record.value === undefined ? UNKNOWN : decodeValue(record.value);
  throw new Error(
    `The stand-in for the docker plugin takes no assets, archives or resource references (mark ${String(mark)}).`,
  );
}

/** The message for some values. */
export function encode(values: Values): Struct {
  return Struct.fromJavaScript(encodeRecord(values));
}

function encodeRecord(values: Values): Record<string, JavaScriptValue> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name, encodeValue(value)]));
}

function encodeValue(value: Value): JavaScriptValue {
  if (value === UNKNOWN) return UNKNOWN_TEXT;
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map(encodeValue);
  return isRecord(value) ? encodeRecord(value) : value;
}
