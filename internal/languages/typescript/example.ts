// The examples of docs/other-languages.md.

import type { HandlerContext } from "@connectrpc/connect";
import type { ServerUnaryCall } from "@grpc/grpc-js";
import { fromResponse, StatusError } from "statusbridge";
import * as connect from "statusbridge/connect";
import { catchErrors, setHttpStatus } from "statusbridge/grpc";
import type { Error as Workspace } from "statusbridge/v1";

// docs: service
export async function submit(call: ServerUnaryCall<Workspace, Workspace>): Promise<Workspace> {
  if (call.request.message === "") {
    throw new StatusError(400, "the workspace is not valid", { violations: { pool: "is empty" } });
  }
  setHttpStatus(call, 202);
  return call.request;
}

export const implementation = catchErrors({ submit });
// docs: end

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

// docs: client
export async function get(url: string): Promise<unknown> {
  const response = await fetch(url);
  const body = await response.text();
  const error = fromResponse(response.status, response.headers, body);
  if (error) {
    throw error;
  }
  return JSON.parse(body);
}
// docs: end
