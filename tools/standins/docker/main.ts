/**
 * Stand-in for Pulumi's docker plugin (pulumi-resource-docker 5.2.0), for machines where the real one cannot be had.
 * It is not Pulumi's. It serves what this project uses, refuses the rest, and repeats the measured behaviour of the
 * real one, its lies included, or it would hide bugs. Pulumi starts it with its own address as the argument; it prints
 * the port that it listens on.
 */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { DockerProvider } from "./provider.js";
import { serviceOf } from "./service.js";

const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;

const server = new Server({ "grpc.max_receive_message_length": MAX_MESSAGE_BYTES });
server.addService(ResourceProviderService, serviceOf(new DockerProvider()));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) {
    console.error(`docker plugin stand-in: cannot listen on loopback: ${error.message}`);
    process.exit(1);
  }
  console.log(String(port));
});
