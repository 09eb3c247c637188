// AnswerService (see answer.proto) on grpc++, on a free loopback port, which it prints.

#include <grpcpp/grpcpp.h>

#include <iostream>
#include <memory>
#include <string>

#include "statusbridge.h"
#include "statusbridge/answer/v1/answer.grpc.pb.h"

using statusbridge::MakeError;
using statusbridge::SetHttpStatus;
using statusbridge::answer::v1::AnswerService;
using statusbridge::v1::Error;

// Returns the status of a response.
static grpc::Status Respond(grpc::ServerContext* context, const Error& request) {
  const int code = request.code();
  if (code >= 200 && code <= 299) {
    SetHttpStatus(context, code);
    return grpc::Status::OK;
  }
  if (code < 0) return grpc::Status(static_cast<grpc::StatusCode>(-code), request.message());
  switch (code) {
    case 0:
      return grpc::Status(grpc::StatusCode::UNKNOWN, request.message());
    case 1:
      if (request.message().empty()) return MakeError(400, "the workspace is not valid", "pool: is empty");
      SetHttpStatus(context, 202);
      return grpc::Status::OK;
    case 3:
      context->AddTrailingMetadata("www-authenticate", request.details());
      return MakeError(401, request.message());
    default:
      return MakeError(code, request.message(), request.details());
  }
}

class Service final : public AnswerService::Service {
  grpc::Status Answer(grpc::ServerContext* context, const Error* request, Error* response) override {
    *response = *request;
    return Respond(context, *request);
  }

  grpc::Status Watch(grpc::ServerContext* context, const Error* request, grpc::ServerWriter<Error>* writer) override {
    grpc::Status status = Respond(context, *request);
    if (status.ok()) writer->Write(*request);
    return status;
  }
};

int main() {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  std::cout << "127.0.0.1:" << port << std::endl;
  server->Wait();
}
