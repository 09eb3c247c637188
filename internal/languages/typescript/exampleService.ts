// The services of the README and of docs/other-languages.md.

// docs: program
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { StatusError } from "statusbridge";
import { catchErrors, setHttpStatus } from "statusbridge/grpc";
// docs: end program
import type { HandlerContext } from "@connectrpc/connect";
import * as connect from "statusbridge/connect";
import type { Error as Workspace } from "statusbridge/v1";

// docs: program
// docs: service

export async function submit(call: ServerUnaryCall<Workspace, Workspace>): Promise<Workspace> {
  if (call.request.message === "") {
    throw new StatusError(400, "the workspace is not valid", { violations: { pool: "is empty" } });
  }
  setHttpStatus(call, 202);
  return call.request;
}

export const implementation = catchErrors({ submit });
// docs: end service
// docs: end program

// docs: connect
export const interceptors = [connect.catchErrors()];

export function submitToConnect(workspace: Workspace, context: HandlerContext): Workspace {
  if (workspace.message === "") {
    throw new StatusError(400, "the workspace is not valid", { violations: { pool: "is empty" } });
  }
  connect.setHttpStatus(context, 202);
  return workspace;
}
// docs: end
