import { StatusError } from "./statusError.js";
/** The headers of a response: those of fetch, or an object as `node:http` has it. */
export type ResponseHeaders = Iterable<readonly [string, string]> | Record<string, string | readonly string[] | undefined>;
/**
 * Reads a response of the REST API. Returns undefined for a 2xx, and otherwise the error with exactly that status.
 *
 * The message and the details come from the documented body, from application/problem+json (RFC 9457), or from a
 * google.rpc.Status in JSON, also inside a member "error". For any other body the message is the documented sentence, and
 * the cause shows the beginning of the body to logs. Retry-After is in `retryAfter`, and the gRPC code in `grpcCode`.
 *
 * The function never throws because of the response.
 */
export declare function fromResponse(status: number, headers?: ResponseHeaders | null, body?: string | Uint8Array | null): StatusError | undefined;
