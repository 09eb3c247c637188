// Holds the package against gen/vectors.json, which the Go packages wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { ConnectError } from "@connectrpc/connect";
import { fromResponse, grpcCode, httpStatus, meaning, StatusError } from "statusbridge";
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
  withDetails: {
    httpStatus: number;
    message: Text;
    details: Text;
    violations: number;
    violation: Text;
    retryAfter: number;
    localized: Text;
    debug: Text;
    grpcCode: number;
    grpcMessage: Text;
    own: { code: number; message: Text; details: Text } | null;
    foreign: string[];
  }[];
  meaning: { httpStatus: number; meaning: string }[];
  response: {
    name: string;
    status: number;
    headers: Record<string, string>;
    body: Text;
    spaces: number;
    httpStatus: number;
    grpcCode: number;
    message: string;
    details: string;
    retryAfter: number;
    logged: string;
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
    assert.equal(connect.toConnectError(new StatusError(odd, "odd")).findDetails(ErrorSchema)[0]?.message, "odd");
  }
});

test("error of a Connect service", () => {
  for (const vector of vectors.error) {
    const built = connect.toConnectError(errorOf(vector));
    assert.ok(built instanceof ConnectError);
    assert.equal(built.code, vector.grpcCode, JSON.stringify(vector));
    assert.equal(built.rawMessage, text(vector.grpcMessage), JSON.stringify(vector));
    const own = fields(built.findDetails(ErrorSchema)[0]);
    const want = expected(vector.detail);
    if (own && want && encodeURIComponent(built.rawMessage).length !== built.rawMessage.length) {
      // Connect escapes more characters of a message, so less of the texts may fit.
      for (const key of ["message", "details"] as const) {
        const [kept, marked] = [own[key].replace(/…$/, ""), own[key].endsWith("…")];
        assert.ok(want[key].startsWith(kept) && (marked || own[key] === want[key]), JSON.stringify(vector));
        assert.ok(want[key].length - kept.length < 3 * built.rawMessage.length, JSON.stringify(vector));
        own[key] = want[key];
      }
    }
    assert.deepEqual(own, want, JSON.stringify(vector));
  }
});

test("error of a grpc-js service", () => {
  for (const vector of vectors.error) {
    const built = grpc.toServiceError(errorOf(vector));
    assert.ok(built instanceof Error);
    assert.equal(built.code, vector.grpcCode, JSON.stringify(vector));
    assert.equal(built.details, text(vector.grpcMessage), JSON.stringify(vector));
    const [trailer] = built.metadata.get("grpc-status-details-bin");
    assert.deepEqual(trailer && fields(detailOf(trailer as Buffer)), expected(vector.detail), JSON.stringify(vector));
  }
});

test("error with details", () => {
  for (const vector of vectors.withDetails) {
    const string = (type: string, number: number, value: string) => ({
      type,
      value: new BinaryWriter().tag(number, WireType.LengthDelimited).string(value).finish(),
    });
    const messages = [
      ...(vector.localized ? [string("google.rpc.LocalizedMessage", 2, text(vector.localized))] : []),
      ...(vector.debug ? [string("google.rpc.DebugInfo", 2, text(vector.debug))] : []),
    ];
    const error = new StatusError(vector.httpStatus, text(vector.message), {
      details: text(vector.details),
      violations: Array.from({ length: vector.violations }, (_, i) => [`field${i}`, text(vector.violation)] as const),
      retryAfter: vector.retryAfter || null,
      messages,
    });
    const built = grpc.toServiceError(error);
    assert.equal(built.code, vector.grpcCode, JSON.stringify(vector));
    assert.equal(built.details, text(vector.grpcMessage), JSON.stringify(vector));
    const [trailer] = built.metadata.get("grpc-status-details-bin");
    const sent = detailsOf(trailer as Buffer);
    const own = sent.filter(({ type }) => type === ErrorSchema.typeName).map(({ value }) => fields(fromBinary(ErrorSchema, value)));
    assert.deepEqual(own[0], expected(vector.own), JSON.stringify(vector));
    assert.deepEqual(
      sent.map(({ type }) => type).filter((type) => type !== ErrorSchema.typeName),
      vector.foreign,
      JSON.stringify(vector),
    );
  }
});

test("texts that are not Unicode", () => {
  const built = connect.toConnectError(new StatusError(502, "a \ud83d b", { details: "\udc00" }));
  assert.equal(built.rawMessage, "a \ufffd b");
  assert.deepEqual(fields(built.findDetails(ErrorSchema)[0]), { code: 502, message: "a \ufffd b", details: "\ufffd" });
});

test("meaning", () => {
  for (const vector of vectors.meaning) {
    assert.equal(meaning(vector.httpStatus), vector.meaning, JSON.stringify(vector));
  }
});

test("null is empty", () => {
  const none = { details: null, violations: null, challenge: null, retryAfter: null, messages: null };
  const built = grpc.toServiceError(new StatusError(409, null, none));
  assert.equal(built.details, meaning(409));
  assert.deepEqual(built.metadata.getMap(), {});
});

for (const vector of vectors.response) {
  test(`fromResponse: ${vector.name}`, () => {
    const body = text(vector.body) + " ".repeat(vector.spaces);
    for (const sent of [body, new TextEncoder().encode(body)]) {
      const error = fromResponse(vector.status, vector.headers, sent);
      assert.ok(error instanceof StatusError);
      const { httpStatus, grpcCode, message, details, retryAfter = -1, cause } = error;
      const logged = cause instanceof Error ? cause.message : "";
      assert.deepEqual(
        { httpStatus, grpcCode, message, details, retryAfter, isLogged: logged !== "" },
        {
          httpStatus: vector.httpStatus,
          grpcCode: vector.grpcCode,
          message: vector.message,
          details: vector.details,
          retryAfter: vector.retryAfter,
          isLogged: vector.logged !== "",
        },
      );
      assert.ok(logged.includes(vector.logged));
    }
  });
}

test("fromResponse is total", () => {
  const bodies = ["", null, "\ud800", new Uint8Array([0xff]), "[".repeat(100_000), "null", '{"error":{"details":[[],{},1]}}'];
  for (const status of [-1, 0, 100, 302, 404, 503, 700, NaN, Infinity, 404.5]) {
    for (const body of bodies) {
      for (const type of ["", "application/json", "application/problem+json", "text/html; charset", ";;;", "\0"]) {
        const error = fromResponse(status, { "content-type": type, "Retry-After": "soon" }, body);
        assert.ok(error);
        assert.notEqual(grpc.toServiceError(error).code, 0);
      }
    }
  }
  assert.equal(fromResponse(204), undefined);
});

test("setHttpStatus", () => {
  for (const status of [0, 199, 300, 404, 1000, NaN, 200.5]) {
    assert.throws(() => grpc.setHttpStatus({ sendMetadata: () => undefined }, status), RangeError);
    assert.throws(() => connect.setHttpStatus({ responseHeader: new Headers() }, status), RangeError);
  }
});

function errorOf(vector: Vectors["error"][number]): StatusError {
  return new StatusError(vector.httpStatus, text(vector.message), { details: text(vector.details) });
}

function expected(detail: Vectors["error"][number]["detail"]) {
  return detail ? { code: detail.code, message: text(detail.message), details: text(detail.details) } : undefined;
}

function detailsOf(status: Buffer): { type: string; value: Uint8Array }[] {
  const details = [];
  for (const reader = new BinaryReader(status); reader.pos < reader.len; ) {
    const [field, wire] = reader.tag();
    if (field === 3) {
      const { typeUrl, value } = fromBinary(AnySchema, reader.bytes());
      details.push({ type: typeUrl.replace("type.googleapis.com/", ""), value });
    } else {
      reader.skip(wire);
    }
  }
  return details;
}

function detailOf(status: Buffer): Detail {
  const [detail] = detailsOf(status);
  assert.ok(detail);
  return fromBinary(ErrorSchema, detail.value);
}
