import { firstString, integer, type Members, object, objects, parse, string } from "./json.js";
import { StatusError } from "./statusError.js";
import { cut, join, pair, wellFormed } from "./text.js";

/** The headers of a response: those of fetch, or an object as `node:http` has it. */
export type ResponseHeaders = Iterable<readonly [string, string]> | Record<string, string | readonly string[] | undefined>;

const shown = 2048; // bytes of an unknown body in the cause

// The HTTP status that google/rpc/code.proto names for each code, which grpc-gateway sends without this library.
const rpcStatus = [0, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401];
const codeNames = [
  "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
  "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
];

/**
 * Reads a response of the REST API. Returns undefined for a 2xx, and otherwise the error with exactly that status.
 *
 * The message and the details come from the documented body, from application/problem+json (RFC 9457), or from a
 * google.rpc.Status in JSON, also inside a member "error". For any other body the message is the documented sentence, and
 * the cause shows the beginning of the body to logs. Retry-After is in `retryAfter`, and the gRPC code in `grpcCode`.
 *
 * The function never throws because of the response.
 */
export function fromResponse(
  status: number,
  headers: ResponseHeaders | null = {},
  body: string | Uint8Array | null = "",
): StatusError | undefined {
  if (status >= 200 && status <= 299) {
    return undefined;
  }
  const found = read(status, header(headers, "content-type"), body);
  const retryAfter = delay(header(headers, "retry-after"), header(headers, "date")) ?? found.retryAfter;
  return new StatusError(found.httpStatus, found.message, {
    details: found.details,
    ...(retryAfter !== undefined && { retryAfter }),
    ...(found.grpcCode !== undefined && { grpcCode: found.grpcCode }),
    ...(found.rest !== "" && { cause: new Error(`the response was ${status} with ${found.rest}`) }),
  });
}

/** What a body says. rest is the part for logs. */
class Found {
  message = "";
  details = "";
  rest = "";
  grpcCode: number | undefined;
  retryAfter: number | undefined;

  constructor(public httpStatus: number) {}

  /** Sets the texts of a body that is not the documented one. Under a 5xx they are for logs and not for clients. */
  tell(message: string, details: string): void {
    if (this.httpStatus < 500) {
      [this.message, this.details] = [message, details];
    } else if (message !== "") {
      this.rest = show(message);
    }
  }
}

function read(status: number, contentType: string, body: string | Uint8Array | null): Found {
  const found = new Found(status);
  const text = decoded(body);
  const mediaType = jsonType(contentType);
  const members = mediaType !== undefined && text !== undefined ? object(parse(text)) : undefined;
  if (members && mediaType === "application/problem+json") {
    // The members of a problem that are for people (RFC 9457 section 3.1).
    const [title, detail] = [string(members, "title"), string(members, "detail")];
    found.tell(title || detail, title && detail);
  } else if (members) {
    readError(found, members);
  }
  if (found.message + found.details + found.rest === "" && body && body.length > 0) {
    found.rest = show(text ?? new TextDecoder().decode(body as Uint8Array));
  }
  return found;
}

/** Reads the documented body, a google.rpc.Status, or an object with a message. */
function readError(found: Found, body: Members): void {
  const inner = object(body["error"]);
  if (inner) {
    readStatus(found, inner);
  } else if (!readDocumented(found, body)) {
    if ("code" in body) {
      readStatus(found, body);
    } else {
      found.tell(firstString(body, ["message", "error", "detail"]), string(body, "details"));
    }
  }
}

/** Reads the documented body. The published schemas allow more members. */
function readDocumented(found: Found, body: Members): boolean {
  const { code, message, details } = body;
  const number = integer(code);
  if (number === undefined || (number >= 1 && number <= 16) || typeof message !== "string") {
    return false;
  }
  if (details !== undefined && details !== null && typeof details !== "string") {
    return false;
  }
  const issues = objects(body["complianceIssues"]).map((issue) => pair(string(issue, "field"), string(issue, "details")));
  [found.message, found.details] = [message, join([details ?? "", ...issues])];
  return true;
}

/** Reads a google.rpc.Status: that of grpc-gateway, or that of a Google API with the name of its code. */
function readStatus(found: Found, body: Members): void {
  const details = body["details"];
  const items = objects(details);
  const ofType = (type: string) => items.find((item) => typeOf(item) === type);
  const own = ofType("statusbridge.v1.Error");
  found.grpcCode = rpcCode(found.httpStatus, body);
  const claimed = integer(own?.["code"]);
  if (found.grpcCode !== undefined && claimed !== undefined && claimed >= 400 && claimed <= 599) {
    found.httpStatus = claimed;
  }
  const texts = Array.isArray(details) ? details.filter((item) => typeof item === "string") : [];
  const ownText = own ? string(own, "details") : string(body, "details");
  found.tell(string(body, "message"), join([ownText, ...texts, ...items.flatMap(textsOf)]));
  found.message = string(ofType("google.rpc.LocalizedMessage"), "message") || string(own, "message") || found.message;
  found.details ||= string(own, "details");
  found.retryAfter = duration(string(ofType("google.rpc.RetryInfo"), "retryDelay"));
  if (object(details)) {
    found.rest = show(JSON.stringify(details));
  }
}

/** Returns the gRPC code of a google.rpc.Status, if it belongs to the HTTP status of the response. */
function rpcCode(status: number, body: Members): number | undefined {
  const named = codeNames.indexOf(string(body, "status"));
  const code = named >= 0 ? named : integer(body["code"]);
  return code !== undefined && code > 0 && rpcStatus[code] === status ? code : undefined;
}

// The lists of the details that clients read, and the members with the name and the texts of an item.
const lists: Record<string, [list: string, name: string, texts: string[]]> = {
  "google.rpc.BadRequest": ["fieldViolations", "field", ["description", "localizedMessage", "reason"]],
  "google.rpc.PreconditionFailure": ["violations", "subject", ["description"]],
  "google.rpc.QuotaFailure": ["violations", "subject", ["description"]],
  "google.rpc.ResourceInfo": ["", "resourceName", ["description"]],
  "google.rpc.Help": ["links", "description", ["url"]],
};

function textsOf(detail: Members): string[] {
  const type = typeOf(detail);
  const list = Object.hasOwn(lists, type) ? lists[type] : undefined;
  if (!list) {
    return [];
  }
  const [member, name, texts] = list;
  const items = member === "" ? [detail] : objects(detail[member]);
  return items.map((item) => {
    const localizedMessage = string(object(item["localizedMessage"]), "message");
    return pair(string(item, name), firstString({ ...item, localizedMessage }, texts));
  });
}

const typeOf = (detail: Members) => string(detail, "@type").replace(/^.*\//, "");

const show = (text: string) => JSON.stringify(cut(text, shown));

function header(headers: ResponseHeaders | null, name: string): string {
  if (headers === null) {
    return "";
  }
  const entries = Symbol.iterator in headers ? [...(headers as Iterable<[string, string]>)] : Object.entries(headers);
  const value = entries.find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof value === "string" ? value : (value?.[0] ?? "");
}

/** Returns a body in UTF-8 as text, and undefined for any other body. */
function decoded(body: string | Uint8Array | null): string | undefined {
  if (typeof body === "string" || body === null) {
    return wellFormed(body);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Returns the media type of JSON in UTF-8. A body without a type may be JSON. */
function jsonType(contentType: string): string | undefined {
  const [mediaType = "", ...parameters] = contentType.toLowerCase().split(";").map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith("charset="))?.slice("charset=".length);
  const known = ["", "application/json", "text/json"].includes(mediaType) || /^[^/ ]+\/[^/ ]+\+json$/.test(mediaType);
  return known && ["utf-8", "utf8", "us-ascii"].includes((charset ?? "utf-8").replace(/"/g, "")) ? mediaType : undefined;
}

const duration = (text: string) => (/^\d{1,12}(\.\d{1,9})?s$/.test(text) ? Number(text.slice(0, -1)) : undefined);

/** Returns the seconds of a Retry-After, which is a number or a date (RFC 9110 section 10.2.3). */
function delay(retryAfter: string, date: string): number | undefined {
  if (/^\d+$/.test(retryAfter)) {
    return Number(retryAfter);
  }
  const until = Date.parse(retryAfter);
  if (!/^[A-Z][a-z]/.test(retryAfter) || Number.isNaN(until)) {
    return undefined;
  }
  const now = Date.parse(date);
  return Math.max(0, (until - (Number.isNaN(now) ? Date.now() : now)) / 1000);
}
