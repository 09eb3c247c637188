// AnswerService (see answer.proto) on @connectrpc/connect-node, on a free loopback port, which it prints.

import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import type { GenService } from "@bufbuild/protobuf/codegenv2";
import { file_google_protobuf_descriptor, FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { ConnectError, type ConnectRouter, type HandlerContext } from "@connectrpc/connect";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { catchErrors, setHttpStatus } from "statusbridge/connect";
import { type Error as Answer, type ErrorSchema, file_statusbridge_v1_statusbridge } from "statusbridge/v1";
import { submitToConnect } from "./exampleService.js";
import { failure, isSuccess, options } from "./failure.js";

function answer(request: Answer, context: HandlerContext): Answer {
  const { code, message, details } = request;
  if (code === 1) {
    return submitToConnect(request, context);
  }
  if (code < 0) {
    throw new ConnectError(message, -code);
  }
  if (!isSuccess(code)) {
    throw failure(code, message, details);
  }
  setHttpStatus(context, code);
  return request;
}

// The service without generated code: the messages are the contract's own.
const type = ".statusbridge.v1.Error";
const registry = createFileRegistry(
  create(FileDescriptorProtoSchema, {
    name: "statusbridge/answer/v1/answer.proto",
    package: "statusbridge.answer.v1",
    dependency: ["statusbridge/v1/statusbridge.proto"],
    syntax: "proto3",
    service: [
      {
        name: "AnswerService",
        method: [
          { name: "Answer", inputType: type, outputType: type },
          { name: "Watch", inputType: type, outputType: type, serverStreaming: true },
        ],
      },
    ],
  }),
  (name) => [file_statusbridge_v1_statusbridge, file_google_protobuf_descriptor].find(({ proto }) => proto.name === name),
);

interface Messages {
  input: typeof ErrorSchema;
  output: typeof ErrorSchema;
}
type AnswerService = GenService<{
  answer: Messages & { methodKind: "unary" };
  watch: Messages & { methodKind: "server_streaming" };
}>;

function routes(router: ConnectRouter): void {
  const service = registry.getService("statusbridge.answer.v1.AnswerService");
  if (!service) {
    throw new Error("there is no AnswerService");
  }
  router.service(service as AnswerService, {
    answer,
    async *watch(request, context) {
      await Promise.resolve();
      yield answer(request, context);
    },
  });
}

const server = createServer(connectNodeAdapter({ routes, interceptors: [catchErrors(options)] }));
server.listen(0, "127.0.0.1", () => {
  console.log(`127.0.0.1:${(server.address() as AddressInfo).port}`);
});
