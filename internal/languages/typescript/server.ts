// AnswerService (see answer.proto) on @grpc/grpc-js, on a free loopback port, which it prints.

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
} from "@grpc/grpc-js";
import { catchErrors, setHttpStatus } from "statusbridge/grpc";
import { type Error as Answer, ErrorSchema } from "statusbridge/v1";
import { submit } from "./exampleService.js";
import { failure, isSuccess, options } from "./failure.js";

async function answer(call: ServerUnaryCall<Answer, Answer>): Promise<Answer> {
  const { code, message, details } = call.request;
  if (code === 1) {
    return await submit(call);
  }
  if (code < 0) {
    throw Object.assign(new Error(message), { code: -code, details: message });
  }
  if (!isSuccess(code)) {
    throw failure(code, message, details);
  }
  setHttpStatus(call, code);
  return call.request;
}

async function watch(call: ServerWritableStream<Answer, Answer>): Promise<void> {
  await Promise.resolve();
  const { code, message, details } = call.request;
  if (code === 1 && message === "") {
    throw failure(400, "the workspace is not valid", "pool: is empty");
  }
  if (code < 0) {
    throw Object.assign(new Error(message), { code: -code, details: message });
  }
  if (!isSuccess(code)) {
    throw failure(code, message, details);
  }
  setHttpStatus(call, code);
  call.write(call.request);
  call.end();
}

function method(name: string, responseStream: boolean): MethodDefinition<Answer, Answer> {
  const serialize = (value: Answer) => Buffer.from(toBinary(ErrorSchema, value));
  const deserialize = (bytes: Buffer) => fromBinary(ErrorSchema, bytes);
  return {
    path: `/statusbridge.answer.v1.AnswerService/${name}`,
    requestStream: false,
    responseStream,
    requestSerialize: serialize,
    requestDeserialize: deserialize,
    responseSerialize: serialize,
    responseDeserialize: deserialize,
  };
}

const server = new Server();
server.addService(
  { answer: method("Answer", false), watch: method("Watch", true) },
  catchErrors({ answer, watch }, options),
);
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (failed, port) => {
  if (failed) {
    throw failed;
  }
  console.log(`127.0.0.1:${port}`);
});
