import { getOption, hasOption } from "@bufbuild/protobuf";
import { HttpStatusSchema, row, unlisted } from "../generated/statusbridge/v1/statusbridge_pb.js";

// The table, read once from the options of the enum HttpStatus.
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

const unknown = 2;
const rowOf = (httpStatus: number) => rows.get(httpStatus) ?? rows.get(classOf(httpStatus));
const classOf = (httpStatus: number) => (Number.isInteger(httpStatus) ? Math.floor(httpStatus / 100) * 100 : NaN);

/**
 * The gRPC code that an answer of the REST API is read as, as a number: the values of `status` in `@grpc/grpc-js` and of
 * `Code` in `@connectrpc/connect`, which has none for OK (0).
 *
 * A status that is not on the page is read as its nearest code where there is one (408, 410, 412, 416, 422, 429, 499), and
 * as its class otherwise; anything outside 2xx, 4xx and 5xx is UNKNOWN. Only 2xx is OK.
 *
 * It is not the table of gRPC's http-grpc-status-mapping document, which is for replies without a grpc-status.
 */
export function grpcCode(httpStatus: number): number {
  return others.get(httpStatus) ?? rowOf(httpStatus)?.grpcCode ?? unknown;
}

/** The documented status that a gRPC code leaves as; 500 for a code that gRPC does not define. */
export function httpStatus(grpcCode: number): number {
  return mappedCodes.get(grpcCode) ?? 500;
}

/** The page's sentence for a status, or for the class of an error that is not on the page. */
export function meaning(httpStatus: number): string {
  return (rowOf(httpStatus) ?? rows.get(500))?.meaning ?? "";
}

/** The metadata in which the choice of a success travels. RangeError for a status that is not a documented success. */
export function successMetadata(httpStatus: number): [key: string, value: string] {
  if (!rows.has(httpStatus) || httpStatus >= 300) {
    throw new RangeError(`${httpStatus} is not a documented success status`);
  }
  return ["statusbridge-http-status", String(httpStatus)];
}
