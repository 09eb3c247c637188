/**
 * What a service on @connectrpc/connect answers with.
 *
 * @module
 */
import { ConnectError, type HandlerContext } from "@connectrpc/connect";
import { ErrorSchema } from "../generated/statusbridge/v1/statusbridge_pb.js";
import { encode } from "./encode.js";
import { successMetadata } from "./table.js";

/**
 * The error that reaches the client of the REST API as the HTTP status, message and details: throw it.
 *
 * The status is 400..599; anything else leaves as 500, never as a success. An empty message is the page's sentence. Texts
 * that trailers cannot hold are cut, and end in an ellipsis.
 */
export function error(httpStatus: number, message = "", details = ""): ConnectError {
  const { code, message: text, detail } = encode(httpStatus, message, details);
  return new ConnectError(text, code, undefined, detail && [{ desc: ErrorSchema, value: detail }]);
}

/**
 * Makes the gateway answer a success with 200, 202 or 204. An error that the call ends with wins. RangeError for any other
 * status.
 */
export function setSuccess(context: Pick<HandlerContext, "responseHeader">, httpStatus: number): void {
  context.responseHeader.set(...successMetadata(httpStatus));
}
