import { GrpcCode } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { findCause } from "./statusError.js";
import { meaning, httpStatus } from "./table.js";
import { wellFormed } from "./text.js";

/** Options for the errors of a service. */
export interface ErrorsOptions {
  /**
   * Called with the method and each error. By default, errors without a status are logged with console.error. An
   * exception of the observer changes nothing.
   */
  observer?: (method: string, error: unknown) => void;
  /** Hides the text of unexpected errors from gRPC callers too. REST clients never read it. */
  hideUnexpected?: boolean;
}

// The errors of Node.js and of fetch that have a meaning without a status.
const meanings: Record<string, number> = {
  AbortError: GrpcCode.CANCELLED,
  ECONNREFUSED: GrpcCode.UNAVAILABLE,
  ECONNRESET: GrpcCode.UNAVAILABLE,
  EAI_AGAIN: GrpcCode.UNAVAILABLE,
  ENOTFOUND: GrpcCode.UNAVAILABLE,
  EPIPE: GrpcCode.UNAVAILABLE,
  ETIMEDOUT: GrpcCode.DEADLINE_EXCEEDED,
  TimeoutError: GrpcCode.DEADLINE_EXCEEDED,
  UND_ERR_CONNECT_TIMEOUT: GrpcCode.DEADLINE_EXCEEDED,
  UND_ERR_HEADERS_TIMEOUT: GrpcCode.DEADLINE_EXCEEDED,
  UND_ERR_BODY_TIMEOUT: GrpcCode.DEADLINE_EXCEEDED,
  UND_ERR_SOCKET: GrpcCode.UNAVAILABLE,
};

/** Returns the code and the message that are sent for an error without a status. */
export function unexpected(error: unknown, { hideUnexpected }: ErrorsOptions): { code: number; message: string } {
  const known = findCause(error, (cause) => meaningOf(cause) !== undefined);
  const code = (known && meaningOf(known)) ?? GrpcCode.UNKNOWN;
  return { code, message: hideUnexpected ? meaning(httpStatus(code)) : textOf(error) };
}

/** Calls the observer. */
export function observe({ observer }: ErrorsOptions, method: string, error: unknown, isExpected: boolean): void {
  try {
    if (observer) {
      observer(method, error);
    } else if (!isExpected) {
      console.error(`${method} failed`, error);
    }
  } catch (failure) {
    console.error(`the observer of ${method} failed`, failure);
  }
}

function meaningOf(cause: object): number | undefined {
  const { code, name } = cause as { code?: unknown; name?: unknown };
  return [code, name].map((key) => (typeof key === "string" && Object.hasOwn(meanings, key) ? meanings[key] : undefined))
    .find((found) => found !== undefined);
}

function textOf(error: unknown): string {
  try {
    return wellFormed(error instanceof Error ? error.message || error.name : String(error));
  } catch {
    return "an error without a text";
  }
}
