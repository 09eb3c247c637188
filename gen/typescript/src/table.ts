import { getOption, hasOption } from "@bufbuild/protobuf";
import { GrpcCode, HttpStatus, HttpStatusSchema, row, unlisted } from "./generated/statusbridge/v1/statusbridge_pb.js";

// The status table, read once from the options of the enum HttpStatus.
const rows = new Map(
  HttpStatusSchema.values
    .filter((value) => hasOption(value, row))
    .map((value) => [value.number, getOption(value, row)]),
);
const others = new Map(getOption(HttpStatusSchema, unlisted).map((other) => [other.status, other.grpcCode]));
const mappedCodes = new Map<number, number>();
for (const [status, { mappedCodes: codes }] of rows) {
  for (const code of codes) {
    mappedCodes.set(code, status);
  }
}

// The phrases of the undocumented errors in RFC 9110 and the IANA registry.
const phrases: Record<number, string> = {
  402: "Payment Required",
  406: "Not Acceptable",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Request Entity Too Large",
  414: "Request URI Too Long",
  415: "Unsupported Media Type",
  416: "Requested Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a teapot",
  421: "Misdirected Request",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  510: "Not Extended",
  511: "Network Authentication Required",
};

const rowOf = (httpStatus: number) => rows.get(httpStatus) ?? rows.get(classOf(httpStatus));
const classOf = (httpStatus: number) => (Number.isInteger(httpStatus) ? Math.floor(httpStatus / 100) * 100 : NaN);

/**
 * Returns the gRPC code as which a client reads an HTTP status of the API. It is a number: a value of `status` in
 * `@grpc/grpc-js` and of `Code` in `@connectrpc/connect`, which has no OK (0).
 *
 * Seven undocumented statuses have a code (408, 410, 412, 416, 422, 429, 499). Other undocumented statuses are read as the
 * x00 status of their class. A status outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
 *
 * gRPC's http-grpc-status-mapping document has another table, for replies without a grpc-status.
 */
export function grpcCode(httpStatus: number): number {
  return others.get(httpStatus) ?? rowOf(httpStatus)?.grpcCode ?? GrpcCode.UNKNOWN;
}

/** Returns the documented HTTP status to which a gRPC code maps. A code that gRPC does not define maps to 500. */
export function httpStatus(grpcCode: number): number {
  return mappedCodes.get(grpcCode) ?? 500;
}

/**
 * Returns the documented sentence of a status. An undocumented error has its phrase of RFC 9110, or the sentence of its
 * class.
 */
export function meaning(httpStatus: number): string {
  return phrases[httpStatus] ?? (rowOf(httpStatus) ?? rows.get(500))?.meaning ?? "";
}

/** Reports whether a text is the phrase of a status in RFC 9110, in upper or lower case. */
export function isPhrase(text: string, httpStatus: number): boolean {
  const documented = rows.has(httpStatus) ? HttpStatus[httpStatus]?.replaceAll("_", " ") : undefined;
  return text.toUpperCase() === (phrases[httpStatus] ?? documented)?.toUpperCase();
}

/** Reports whether an HTTP status is that of an error. */
export function isError(httpStatus: number): boolean {
  return Number.isInteger(httpStatus) && httpStatus >= 400 && httpStatus <= 599;
}

/** The metadata with the success status that a service chose. */
export const statusKey = "statusbridge-http-status";

/** Returns the metadata for a success status. Throws a RangeError for a status outside 200..299. */
export function successMetadata(httpStatus: number): [key: string, value: string] {
  if (!Number.isInteger(httpStatus) || httpStatus < 200 || httpStatus > 299) {
    throw new RangeError(`${httpStatus} is not the status of a success`);
  }
  return [statusKey, String(httpStatus)];
}
