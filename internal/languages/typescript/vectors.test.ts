// Holds the package against gen/vectors.json, which the Go packages wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { ConnectError } from "@connectrpc/connect";
import { grpcCode, httpStatus } from "statusbridge";
import * as connect from "statusbridge/connect";
import * as grpc from "statusbridge/grpc";
import { type Error as Detail, ErrorSchema } from "statusbridge/v1";

type Text = string | { repeat: string; times: number; end: string };

interface Vectors {
  grpcCode: { httpStatus: number; grpcCode: number }[];
  httpStatus: { grpcCode: number; httpStatus: number }[];
  error: {
    httpStatus: number;
    message: Text;
    details: Text;
    grpcCode: number;
    grpcMessage: Text;
    detail: { code: number; message: Text; details: Text } | null;
  }[];
}

const vectors = JSON.parse(readFileSync(process.env.VECTORS ?? "", "utf8")) as Vectors;
const text = (value: Text) => (typeof value === "string" ? value : value.repeat.repeat(value.times) + value.end);
const fields = (detail?: Detail) => detail && { code: detail.code, message: detail.message, details: detail.details };

test("grpcCode", () => {
  assert.ok(vectors.grpcCode.length > 600);
  for (const vector of vectors.grpcCode) {
    assert.equal(grpcCode(vector.httpStatus), vector.grpcCode, JSON.stringify(vector));
  }
});

test("httpStatus", () => {
  for (const vector of vectors.httpStatus) {
    assert.equal(httpStatus(vector.grpcCode), vector.httpStatus, JSON.stringify(vector));
  }
});

test("a number need not be an int", () => {
  for (const odd of [NaN, Infinity, -Infinity, 200.5, 404.5, 2 ** 53, -(2 ** 53)]) {
    assert.equal(grpcCode(odd), 2);
    assert.equal(httpStatus(odd), 500);
    assert.equal(connect.error(odd, "odd").findDetails(ErrorSchema)[0]?.message, "odd");
  }
});

test("error of a Connect service", () => {
  for (const vector of vectors.error) {
    const built = connect.error(vector.httpStatus, text(vector.message), text(vector.details));
    assert.ok(built instanceof ConnectError);
    assert.equal(built.code, vector.grpcCode, JSON.stringify(vector));
    assert.equal(built.rawMessage, text(vector.grpcMessage), JSON.stringify(vector));
    assert.deepEqual(fields(built.findDetails(ErrorSchema)[0]), expected(vector.detail), JSON.stringify(vector));
  }
});

test("error of a grpc-js service", () => {
  for (const vector of vectors.error) {
    const built = grpc.error(vector.httpStatus, text(vector.message), text(vector.details));
    assert.ok(built instanceof Error);
    assert.equal(built.code, vector.grpcCode, JSON.stringify(vector));
    assert.equal(built.details, text(vector.grpcMessage), JSON.stringify(vector));
    const [trailer] = built.metadata.get("grpc-status-details-bin");
    assert.deepEqual(trailer && fields(detailOf(trailer as Buffer)), expected(vector.detail), JSON.stringify(vector));
  }
});

test("texts that are not Unicode", () => {
  const built = connect.error(502, "a \ud83d b", "\udc00");
  assert.equal(built.rawMessage, "a \ufffd b");
  assert.deepEqual(fields(built.findDetails(ErrorSchema)[0]), { code: 502, message: "a \ufffd b", details: "\ufffd" });
});

test("success", () => {
  for (const status of [200, 202, 204]) {
    assert.deepEqual(grpc.success(status).getMap(), { "statusbridge-http-status": String(status) });
  }
  for (const status of [0, 201, 299, 302, 404, 1000, NaN]) {
    assert.throws(() => grpc.success(status), RangeError);
    assert.throws(() => connect.setSuccess({ responseHeader: new Headers() }, status), RangeError);
  }
});

function expected(detail: Vectors["error"][number]["detail"]) {
  return detail ? { code: detail.code, message: text(detail.message), details: text(detail.details) } : undefined;
}

// The detail is the last of what google.rpc.Status and google.protobuf.Any hold: both lengths are in front of it.
function detailOf(status: Buffer): Detail {
  const name = Buffer.from("type.googleapis.com/statusbridge.v1.Error");
  let start = status.indexOf(name) + name.length + 1; // the tag of Any.value
  while ((status[start] ?? 0) & 0x80) {
    start++;
  }
  return fromBinary(ErrorSchema, status.subarray(start + 1));
}
