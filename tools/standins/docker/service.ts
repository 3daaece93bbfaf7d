import {
  Metadata,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import type { Failure } from "./check.js";
import type { Change } from "./diff.js";
import type { Difference, DockerProvider } from "./provider.js";
import { PartlyMade } from "./resource.js";
import { decode, encode } from "./wire.js";

const VERSION = "5.2.0";

/** The provider as the service that the engine calls. */
export function serviceOf(provider: DockerProvider): UntypedServiceImplementation {
  return { ...configuration(provider), ...planning(provider), ...doing(provider), ...refusals() };
}

function configuration(provider: DockerProvider): UntypedServiceImplementation {
  return {
    getPluginInfo: answer(async () => {
      const info = new PluginInfo();
      info.setVersion(VERSION);
      return info;
    }),
    checkConfig: answer(async (request: messages.CheckRequest) => {
      const response = new messages.CheckResponse();
      response.setInputs(request.getNews());
      response.setFailuresList(provider.checkConfig(decode(request.getNews())).map(failureMessage));
      return response;
    }),
    configure: answer(async (request: messages.ConfigureRequest) => {
      provider.configure(decode(request.getArgs()));
      const response = new messages.ConfigureResponse();
      response.setAcceptsecrets(false);
      response.setSupportspreview(true);
      return response;
    }),
    cancel: answer(async () => new Empty()),
    attach: answer(async () => new Empty()),
  };
}

function planning(provider: DockerProvider): UntypedServiceImplementation {
  return {
    check: answer(async (request: messages.CheckRequest) => {
      const seed = request.getRandomseed_asU8();
      const { inputs, failures } = provider.check(
        request.getUrn(),
        decode(request.getOlds()),
        decode(request.getNews()),
        seed,
      );
      const response = new messages.CheckResponse();
      response.setInputs(encode(inputs));
      response.setFailuresList(failures.map(failureMessage));
      return response;
    }),
    diff: answer(async (request: messages.DiffRequest) => {
      const inputs = [request.getOlds(), request.getNews(), request.getOldInputs()].map(decode);
      return diffMessage(provider.diff(request.getUrn(), inputs[0] ?? {}, inputs[1] ?? {}, inputs[2] ?? {}));
    }),
  };
}

function doing(provider: DockerProvider): UntypedServiceImplementation {
  return {
    create: answer(async (request: messages.CreateRequest) => {
      const made = await provider.create(request.getUrn(), decode(request.getProperties()), request.getPreview());
      const response = new messages.CreateResponse();
      response.setId(made.id);
      response.setProperties(encode(made.outputs));
      return response;
    }),
    read: answer(async (request: messages.ReadRequest) => {
      const [outputs, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
      const found = await provider.read(request.getUrn(), request.getId(), outputs, inputs);
      const response = new messages.ReadResponse();
      if (!found) return response;
      response.setId(found.id);
      response.setProperties(encode(found.outputs));
      response.setInputs(encode(found.inputs));
      return response;
    }),
    update: answer(async (request: messages.UpdateRequest) => {
      const [olds, news] = [decode(request.getOlds()), decode(request.getNews())];
      const outputs = await provider.update(request.getUrn(), request.getId(), olds, news, request.getPreview());
      const response = new messages.UpdateResponse();
      response.setProperties(encode(outputs));
      return response;
    }),
    delete: answer(async (request: messages.DeleteRequest) => {
      await provider.remove(request.getUrn(), request.getId(), decode(request.getProperties()));
      return new Empty();
    }),
  };
}

/** What the real plugin can do and this one cannot: the engine knows how to go on without each of them. */
function refusals(): UntypedServiceImplementation {
  const names = [
    "handshake",
    "parameterize",
    "getSchema",
    "diffConfig",
    "call",
    "construct",
    "getMapping",
    "getMappings",
  ];
  const refuse = (_call: unknown, done: sendUnaryData<never>) =>
    done({ code: status.UNIMPLEMENTED, details: "not implemented" });
  const invoke = answer(async (request: messages.InvokeRequest) => {
    throw new Error(
      `the stand-in for the docker plugin has no functions, so not ${request.getTok()}. Use the real plugin.`,
    );
  });
  return { ...Object.fromEntries(names.map((name) => [name, refuse])), invoke, list: refuse };
}

function answer<Request, Response>(work: (request: Request) => Promise<Response>) {
  return async (call: ServerUnaryCall<Request, Response>, done: sendUnaryData<Response>) => {
    try {
      done(null, await work(call.request));
    } catch (error) {
      done(serviceError(error));
    }
  };
}

function serviceError(error: unknown): { code: status; details: string; metadata: Metadata } {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof PartlyMade) metadata.add("grpc-status-details-bin", partlyMadeDetails(error));
  return { code: status.UNKNOWN, details: message, metadata };
}

/** The engine's way of hearing "it exists, but": an error message packed into the status of the call. */
function partlyMadeDetails(error: PartlyMade): Buffer {
  const failed = new messages.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(encode(error.outputs));
  failed.setReasonsList([error.message]);
  const packed = new Any();
  packed.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const details = new Status();
  details.setCode(status.UNKNOWN);
  details.setMessage(error.message);
  details.addDetails(packed);
  return Buffer.from(details.serializeBinary());
}

function failureMessage(failure: Failure): messages.CheckFailure {
  const message = new messages.CheckFailure();
  // An empty property: the text already says where, in the words of the real plugin.
  message.setReason(failure.reason);
  return message;
}

function diffMessage(difference: Difference): messages.DiffResponse {
  const { changes } = difference;
  const response = new messages.DiffResponse();
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  response.setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setDiffsList([...new Set(changes.map((change) => topLevel(change.path)))]);
  response.setReplacesList([
    ...new Set(changes.filter((change) => change.replace).map((change) => topLevel(change.path))),
  ]);
  response.setDeletebeforereplace(difference.deleteBeforeReplace);
  response.setHasdetaileddiff(true);
  for (const change of changes) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kindOf(change));
    response.getDetaileddiffMap().set(change.path, detail);
  }
  return response;
}

function kindOf(change: Change): messages.PropertyDiff.Kind {
  const { Kind } = messages.PropertyDiff;
  if (change.kind === "add") return change.replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (change.kind === "delete") return change.replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return change.replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

function topLevel(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
