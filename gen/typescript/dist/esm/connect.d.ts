import { ConnectError, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { type ErrorsOptions } from "./failures.js";
import { type StatusError } from "./statusError.js";
export type { ErrorsOptions } from "./failures.js";
/**
 * Returns an interceptor for the `interceptors` of a router or an adapter. Methods may then throw StatusError.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError or a ConnectError. Errors of
 * Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken connections, and any other error
 * as UNKNOWN. No status has more than 4 KiB of trailers.
 */
export declare function catchErrors(options?: ErrorsOptions): Interceptor;
/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. The last call wins. Throws a RangeError for a status outside 200..299.
 */
export declare function setHttpStatus(context: Pick<HandlerContext, "responseHeader">, httpStatus: number): void;
/** Returns the error for a method to throw, for a router without the interceptor. */
export declare function toConnectError(error: StatusError): ConnectError;
