// AnswerService (see answer.proto) on @grpc/grpc-js, on a free loopback port, which it prints.

import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { error, success } from "statusbridge/grpc";
import { type Error as Answer, ErrorSchema } from "statusbridge/v1";
import { submit } from "./example.js";

const answer: handleUnaryCall<Answer, Answer> = (call, callback) => {
  const { code, message, details } = call.request;
  if (code === 1) {
    submit(call, callback);
  } else if (isSuccess(code)) {
    call.sendMetadata(success(code));
    callback(null, call.request);
  } else {
    callback(failure(code, message, details));
  }
};

const watch: handleServerStreamingCall<Answer, Answer> = (call) => {
  const { code, message, details } = call.request;
  if (code === 1 && message === "") {
    call.emit("error", error(400, "the workspace is not valid", "pool: is empty"));
  } else if (isSuccess(code)) {
    call.sendMetadata(success(code));
    call.write(call.request);
    call.end();
  } else {
    call.emit("error", failure(code, message, details));
  }
};

const isSuccess = (code: number) => code >= 200 && code <= 299;

function failure(code: number, message: string, details: string) {
  if (code === 0) {
    throw new Error(message);
  }
  return code < 0 ? { code: -code, details: message } : error(code, message, details);
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
server.addService({ answer: method("Answer", false), watch: method("Watch", true) }, { answer, watch });
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (failed, port) => {
  if (failed) {
    throw failed;
  }
  console.log(`127.0.0.1:${port}`);
});
