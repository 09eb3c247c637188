/**
 * Errors and success statuses of a service on @connectrpc/connect.
 *
 * @module
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { ConnectError, type HandlerContext, type Interceptor } from "@connectrpc/connect";
import { type ErrorsOptions, observe, unexpected } from "./failures.js";
import { findCause, isStatusError, type StatusError } from "./statusError.js";
import { successMetadata } from "./table.js";
import { allDetails, encode, fit, type Parts, partsOf } from "./trailers.js";

export type { ErrorsOptions } from "./failures.js";

/**
 * Returns an interceptor for the `interceptors` of a router or an adapter. Methods may then throw StatusError.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError or a ConnectError. Errors of
 * Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken connections, and any other error
 * as UNKNOWN. No status has more than 4 KiB of trailers.
 */
export function catchErrors(options: ErrorsOptions = {}): Interceptor {
  return (next) => async (request) => {
    const method = `/${request.service.typeName}/${request.method.name}`;
    try {
      const response = await next(request);
      return response.stream ? { ...response, message: watched(response.message, method, options) } : response;
    } catch (error) {
      throw failure(method, error, options);
    }
  };
}

/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. The last call wins. Throws a RangeError for a status outside 200..299.
 */
export function setHttpStatus(context: Pick<HandlerContext, "responseHeader">, httpStatus: number): void {
  context.responseHeader.set(...successMetadata(httpStatus));
}

/** Returns the error for a method to throw, for a router without the interceptor. */
export function toConnectError(error: StatusError): ConnectError {
  const metadata = error.challenge === "" ? undefined : { "www-authenticate": error.challenge };
  return connectError(encode(error, messageSize), error, metadata);
}

async function* watched<T>(messages: AsyncIterable<T>, method: string, options: ErrorsOptions): AsyncIterable<T> {
  try {
    yield* messages;
  } catch (error) {
    throw failure(method, error, options);
  }
}

function failure(method: string, error: unknown, options: ErrorsOptions): ConnectError {
  const carrier = findCause(error, (cause) => isStatusError(cause) || cause instanceof ConnectError);
  observe(options, method, error, carrier !== undefined);
  if (carrier instanceof ConnectError) {
    return fitting(carrier, error);
  }
  if (carrier && isStatusError(carrier)) {
    return toConnectError(carrier);
  }
  const { code, message } = unexpected(error, options);
  return connectError(fit(partsOf(code, message, []), messageSize), error);
}

/** Shrinks an error that a method made itself, if it is larger than clients accept. */
function fitting(error: ConnectError, cause: unknown): ConnectError {
  const details = error.details.map((detail) =>
    "desc" in detail
      ? { type: detail.desc.typeName, value: toBinary(detail.desc, create(detail.desc, detail.value)) }
      : detail,
  );
  return connectError(fit(partsOf(error.code, error.rawMessage, details), messageSize), cause, error.metadata);
}

function connectError(parts: Parts, cause: unknown, metadata?: HeadersInit): ConnectError {
  const error = new ConnectError(parts.message, parts.code, metadata, undefined, cause);
  error.details = allDetails(parts);
  return error;
}

// Connect encodes a message with encodeURIComponent, which escapes more characters than gRPC asks for.
const messageSize = (message: string) => encodeURIComponent(message).length;
