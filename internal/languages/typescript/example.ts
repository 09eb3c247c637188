// The example of README.md, and the same for Connect.

import type { HandlerContext } from "@connectrpc/connect";
import type { sendUnaryData, ServerUnaryCall } from "@grpc/grpc-js";
import type { Error as Workspace } from "statusbridge/v1";
import * as connect from "statusbridge/connect";
import { error, success } from "statusbridge/grpc";

export function submit(call: ServerUnaryCall<Workspace, Workspace>, callback: sendUnaryData<Workspace>): void {
  // docs: service
  if (call.request.message === "") {
    return callback(error(400, "the workspace is not valid", "pool: is empty"));
  }
  call.sendMetadata(success(202));
  // docs: end
  callback(null, call.request);
}

export function submitToConnect(workspace: Workspace, context: HandlerContext): Workspace {
  // docs: connect
  if (workspace.message === "") {
    throw connect.error(400, "the workspace is not valid", "pool: is empty");
  }
  connect.setSuccess(context, 202);
  // docs: end
  return workspace;
}
