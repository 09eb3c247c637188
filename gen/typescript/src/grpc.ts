/**
 * Errors and success statuses of a service on @grpc/grpc-js.
 *
 * @module
 */
import { Metadata, type ServiceError, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { type ErrorsOptions, observe, unexpected } from "./failures.js";
import { findCause, isStatusError, type StatusError } from "./statusError.js";
import { statusKey, successMetadata } from "./table.js";
import { encode, fit, type Parts, partsOf, readDetails, writeStatus } from "./trailers.js";

export type { ErrorsOptions } from "./failures.js";

/** The part of a server call that setHttpStatus needs. */
interface Call {
  sendMetadata(metadata: Metadata): void;
}

/**
 * Wraps an implementation for `server.addService(definition, catchErrors(implementation))`. Its methods may throw
 * StatusError or pass it to their callback, and may be async: an error that such a method throws is sent to the caller. A
 * unary method may also return its response.
 *
 * An error counts with its causes, and the first one with a status is sent: a StatusError, or the error of a call to
 * another service. Errors of Node.js are sent as DEADLINE_EXCEEDED or UNAVAILABLE if they are time-outs or broken
 * connections, and any other error as UNKNOWN. No status has more than 4 KiB of trailers.
 */
export function catchErrors<T extends UntypedServiceImplementation | object>(implementation: T, options: ErrorsOptions = {}): T {
  return new Proxy(implementation, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      return typeof method === "function" ? wrap(method as Method, target, options) : method;
    },
  });
}

/**
 * Makes the gateway send a success with this status, 200..299. The gateway accepts 200, 202, 204 and the statuses that its
 * options allow, and sends 200 for any other status. If the call fails, the status of the error is sent.
 *
 * Call it before the first message. In methods of catchErrors with a single request, the last call wins, before and after
 * metadata of your own. Otherwise @grpc/grpc-js sends metadata once and ignores later calls. Throws a RangeError for a
 * status outside 200..299.
 */
export function setHttpStatus(call: Call, httpStatus: number): void {
  const metadata = new Metadata();
  metadata.set(...successMetadata(httpStatus));
  call.sendMetadata(metadata);
}

/**
 * Returns the error for the callback of a method, for a service without catchErrors. A stream emits it as its "error".
 */
export function toServiceError(error: StatusError): ServiceError {
  return serviceError(encode(error), challengeOf(error));
}

type Callback = (error: unknown, value?: unknown, trailers?: Metadata, flags?: number) => void;
type Method = (this: unknown, call: ServerCall, callback?: Callback) => unknown;
interface ServerCall extends Call {
  getPath(): string;
  emit(event: string | symbol, ...values: unknown[]): boolean;
  destroy(error?: unknown): unknown;
  write?(...values: unknown[]): boolean;
  end?(...values: unknown[]): unknown;
}

function wrap(method: Method, target: unknown, options: ErrorsOptions): Method {
  return (call, callback) => {
    const release = "request" in call ? holdMetadata(call) : nothing;
    const emit = call.emit.bind(call);
    const failed = (error: unknown, trailers?: Metadata) => failure(call.getPath(), error, trailers, options);
    if (callback) {
      let answered = false;
      const answer: Callback = (error, value, trailers, flags) => {
        if (!answered) {
          answered = true;
          release();
          callback(error ? failed(error, trailers) : null, value, error ? undefined : trailers, flags);
        }
      };
      call.emit = (event, ...values) => attempt(() => emit(event, ...values), answer);
      run(
        () => method.call(target, call, answer),
        answer,
        (response) => answer(null, response),
      );
    } else {
      catchStreamErrors(call, release, failed);
      run(
        () => method.call(target, call),
        (error) => call.emit("error", error),
        nothing,
      );
    }
  };
}

const nothing = () => undefined;

/** Runs a method. An async method that resolves to a value has returned its response. */
function run(method: () => unknown, fail: (error: unknown) => void, succeed: (response: unknown) => void): void {
  attempt(() => {
    const result = method();
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === "function") {
      (result as PromiseLike<unknown>).then(
        (response) => {
          if (response !== undefined) {
            succeed(response);
          }
        },
        (error: unknown) => fail(present(error)),
      );
    }
    return true;
  }, fail);
}

/** Runs a function, and reports what it throws. An exception of a listener would end the process. */
function attempt(run: () => boolean, fail: (error: unknown) => void): boolean {
  try {
    return run();
  } catch (error) {
    fail(present(error));
    return true;
  }
}

/** Returns an error for a value that a callback takes for a success: null, 0 and the like. */
const present = (error: unknown) => error || new Error(`the method failed with ${String(error)}`);

/** Collects metadata until the first message. The last success status counts. */
function holdMetadata(call: ServerCall): () => void {
  const send = call.sendMetadata.bind(call);
  let held: Metadata | undefined = new Metadata();
  let used = false;
  call.sendMetadata = (metadata) => {
    if (held === undefined) {
      throw new Error("the metadata of the call has been sent");
    }
    if (metadata.get(statusKey).length > 0) {
      held.remove(statusKey);
    }
    held.merge(metadata);
    used = true;
  };
  return () => {
    const metadata = held;
    held = undefined;
    if (metadata && used) {
      send(metadata);
    }
  };
}

/** Converts the errors that a stream emits, and releases its metadata with the first message. */
function catchStreamErrors(call: ServerCall, release: () => void, failed: (error: unknown) => ServiceError): void {
  const emit = call.emit.bind(call);
  const destroy = call.destroy.bind(call);
  const write = call.write?.bind(call);
  const end = call.end?.bind(call);
  let ended = false;
  call.emit = (event, ...values) => {
    if (event !== "error") {
      return attempt(
        () => emit(event, ...values),
        (error) => call.emit("error", error),
      );
    }
    if (ended) {
      return true;
    }
    ended = true;
    release();
    return emit(event, failed(values[0]));
  };
  // A stream that is destroyed would never send its status.
  call.destroy = (error) => (error ? call.emit("error", error) : destroy());
  if (write && end) {
    call.write = (...values) => {
      release();
      return write(...values);
    };
    call.end = (...values) => {
      release();
      return end(...values);
    };
  }
}

/** Returns the error that is sent for what a method threw. */
function failure(method: string, error: unknown, trailers: Metadata | undefined, options: ErrorsOptions): ServiceError {
  const carrier = findCause(error, (cause) => isStatusError(cause) || hasStatus(cause));
  observe(options, method, error, carrier !== undefined);
  const kept = trailers?.clone() ?? new Metadata();
  if (carrier === undefined) {
    const { code, message } = unexpected(error, options);
    return serviceError(fit(partsOf(code, message, [])), kept);
  }
  if (isStatusError(carrier)) {
    return serviceError(encode(carrier), challengeOf(carrier, kept));
  }
  const status = carrier as Partial<ServiceError>;
  const given = status.metadata instanceof Metadata ? status.metadata : new Metadata();
  const details = [...kept.get(detailsKey), ...given.get(detailsKey)].find((value) => typeof value !== "string");
  // Metadata of an error that a method made is sent. The metadata of a call to another service is not forwarded.
  if (status === error && !isClientError(status)) {
    kept.merge(given);
  }
  const message = typeof status.details === "string" ? status.details : (status.message ?? "");
  return serviceError(fit(partsOf(status.code as number, message, details ? readDetails(details) : [])), kept);
}

const detailsKey = "grpc-status-details-bin";

const hasStatus = (cause: object) => {
  const { code } = cause as { code?: unknown };
  if (cause instanceof DOMException) {
    return false; // it has numbers of another kind
  }
  return Number.isInteger(code) && (code as number) >= 1 && (code as number) <= 16;
};

// The errors of clients of @grpc/grpc-js have a message that starts with the code and ends with the details.
const isClientError = ({ message, details }: Partial<ServiceError>) =>
  message !== undefined && details !== undefined && message !== details && message.endsWith(details);

function challengeOf({ challenge }: StatusError, metadata = new Metadata()): Metadata {
  if (challenge !== "") {
    metadata.set("www-authenticate", challenge);
  }
  return metadata;
}

function serviceError(parts: Parts, metadata: Metadata): ServiceError {
  metadata.remove(detailsKey);
  if (parts.own || parts.foreign.length > 0) {
    metadata.set(detailsKey, Buffer.from(writeStatus(parts)));
  }
  return Object.assign(new Error(parts.message), { code: parts.code, details: parts.message, metadata });
}
