import { GrpcCode } from "./generated/statusbridge/v1/statusbridge_pb.js";
import { validDelay } from "./retryAfter.js";
import { grpcCode, isError, meaning } from "./table.js";
import { wellFormed } from "./text.js";

/** A detail of an error: a google.rpc message or one of your own, already in its binary form. */
export interface Detail {
  /** The full name of the message, "google.rpc.QuotaFailure". */
  type: string;
  /** The message in the binary form of protobuf: `toBinary(QuotaFailureSchema, message)`. */
  value: Uint8Array;
}

/** What an error says besides its status and its message. */
export interface StatusErrorOptions {
  /** A text with more for the client: which fields, which limits, what to do. */
  details?: string | null;
  /** The fields that are wrong, with a description each. Clients of the REST API read them in `details`. */
  violations?: Record<string, string> | Iterable<readonly [field: string, description: string]> | null;
  /** The delay in seconds after which a retry makes sense. It is sent as Retry-After. */
  retryAfter?: number | null;
  /** The WWW-Authenticate of a 401. */
  challenge?: string | null;
  /** More details of google.rpc for clients, or messages of your own for gRPC clients. */
  messages?: Iterable<Detail> | null;
  /** The cause, for logs. It is never sent. */
  cause?: unknown;
}

const brand = Symbol.for("statusbridge.StatusError");
const longestChallenge = 1024;

/**
 * An error that the client of the REST API reads as this HTTP status, message and details. Throw it in a service;
 * `statusbridge/grpc` and `statusbridge/connect` send it. `fromResponse` returns one for a REST response.
 *
 * The status is 400..599. Any other status is sent as 500, and never as a success. An empty message is sent as the
 * documented sentence of the status. Texts that trailers cannot hold are cut and end in an ellipsis.
 */
export class StatusError extends Error {
  /** The HTTP status. */
  readonly httpStatus: number;
  /** The gRPC code, with the numbers of `status` in @grpc/grpc-js and of `Code` in @connectrpc/connect. */
  readonly grpcCode: number;
  /** The text with more for the client. */
  readonly details: string;
  /** The fields that are wrong. */
  readonly violations: readonly (readonly [field: string, description: string])[];
  /** The delay before a retry in seconds. */
  readonly retryAfter: number | undefined;
  /** The WWW-Authenticate of a 401, or the empty text. */
  readonly challenge: string;
  /** More details. */
  readonly messages: readonly Detail[];

  /** The ES module and the CommonJS copy of this package accept the errors of each other. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && isStatusError(value);
  }

  constructor(httpStatus: number, message?: string | null, options: StatusErrorOptions & { grpcCode?: number } = {}) {
    const text = wellFormed(message) || meaning(sentStatus(httpStatus));
    super(text, "cause" in options ? { cause: options.cause } : undefined);
    this.name = "StatusError";
    this.httpStatus = httpStatus;
    this.grpcCode = options.grpcCode || grpcCode(httpStatus) || GrpcCode.INTERNAL; // an error is never OK
    this.details = wellFormed(options.details);
    this.violations = pairs(options.violations).map(([field, what]) => [wellFormed(field), wellFormed(what)]);
    this.retryAfter = validDelay(options.retryAfter);
    this.challenge = challenge(options.challenge);
    this.messages = [...(options.messages ?? [])];
    Object.defineProperty(this, brand, { value: true });
  }
}

/** The status that is sent: an error never becomes a success. */
export function sentStatus(httpStatus: number): number {
  return isError(httpStatus) ? httpStatus : 500;
}

/** Reports whether an object is a StatusError, also one of another copy of this package. */
export function isStatusError(value: object): value is StatusError {
  return brand in value;
}

/** Finds the first of an error, the errors of an AggregateError, and their causes that a function accepts. */
export function findCause(error: unknown, accepts: (cause: object) => boolean): object | undefined {
  const waiting = [error];
  const seen = new Set<unknown>();
  while (waiting.length > 0) {
    const cause = waiting.pop();
    if (typeof cause !== "object" || cause === null || seen.has(cause)) {
      continue;
    }
    seen.add(cause);
    try {
      if (accepts(cause)) {
        return cause;
      }
      waiting.push((cause as { cause?: unknown }).cause);
      if (cause instanceof AggregateError) {
        waiting.push(...(cause.errors as unknown[]).toReversed());
      }
    } catch {
      // A property of the error throws, so the error has no status.
    }
  }
  return undefined;
}

function pairs(violations: StatusErrorOptions["violations"]): (readonly [string, string])[] {
  if (violations === undefined || violations === null) {
    return [];
  }
  return Symbol.iterator in violations ? [...(violations as Iterable<[string, string]>)] : Object.entries(violations);
}

// A header value is ASCII. A long challenge is dropped, since clients cannot parse one without its end.
function challenge(value: string | null | undefined): string {
  const text = (value ?? "").replace(/[^\x20-\x7e]/g, "?").trim();
  return text.length <= longestChallenge ? text : "";
}
