// The recipe: exact errors and success statuses for a service on grpc++.

#pragma once

#include <grpcpp/grpcpp.h>

#include <string>

#include "rpc_status.pb.h"
#include "statusbridge/v1/statusbridge.pb.h"

namespace statusbridge {

using answer::RpcStatus;

// docs: recipe
// Returns the error that a client of the REST API reads as this HTTP status, message and details. Keep the texts short:
// clients lose the status of a call with more than 8 KiB of trailers.
inline grpc::Status MakeError(int http_status, const std::string& message, const std::string& details = "") {
  const auto* table = v1::HttpStatus_descriptor();
  const auto* row = table->FindValueByNumber(http_status);
  if (row == nullptr) row = table->FindValueByNumber(http_status / 100 * 100);
  int code = grpc::StatusCode::INTERNAL;
  if (row != nullptr && row->number() >= 400) code = row->options().GetExtension(v1::row).grpc_code();
  v1::Error own;
  own.set_code(http_status);
  own.set_message(message);
  own.set_details(details);
  RpcStatus status;
  status.set_code(code);
  status.set_message(message);
  status.add_details()->PackFrom(own);
  return grpc::Status(static_cast<grpc::StatusCode>(code), message, status.SerializeAsString());
}

// Makes the gateway send the success of this call with an HTTP status, 200..299. Call it once, before the first message.
inline void SetHttpStatus(grpc::ServerContext* context, int http_status) {
  context->AddInitialMetadata("statusbridge-http-status", std::to_string(http_status));
}
// docs: end

}  // namespace statusbridge
