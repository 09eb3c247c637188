// The interceptor for Connect, without a network.

import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError, type UnaryRequest, type UnaryResponse } from "@connectrpc/connect";
import { meaning, StatusError } from "statusbridge";
import { catchErrors, type ErrorsOptions, setHttpStatus } from "statusbridge/connect";
import { ErrorSchema } from "statusbridge/v1";

const secret = "pq: no password for 10.0.0.3";

async function failure(thrown: unknown, options: ErrorsOptions = { observer: () => undefined }): Promise<ConnectError> {
  const request = { service: { typeName: "test.Test" }, method: { name: "Unary" } } as UnaryRequest;
  const call = catchErrors(options)(() => {
    throw thrown;
  });
  return (await call(request).then(() => undefined, (error: unknown) => error)) as ConnectError;
}

async function* failing(error: Error): AsyncIterable<never> {
  await Promise.resolve();
  yield* [];
  throw error;
}

test("StatusError", async () => {
  const thrown = new StatusError(401, "who are you?", { challenge: "Bearer", details: "log in", retryAfter: 7 });
  for (const error of [thrown, new Error(secret, { cause: thrown })]) {
    const sent = await failure(error);
    assert.ok(sent instanceof ConnectError);
    assert.equal(sent.code, Code.Unauthenticated);
    assert.equal(sent.rawMessage, "who are you?");
    assert.equal(sent.metadata.get("www-authenticate"), "Bearer");
    assert.equal(sent.findDetails(ErrorSchema)[0]?.details, "log in");
    assert.equal(sent.details.length, 2);
  }
});

test("unexpected error", async () => {
  const shown = await failure(new Error(secret));
  assert.equal(shown.code, Code.Unknown);
  assert.equal(shown.rawMessage, secret);
  const seen: unknown[] = [];
  const hidden = await failure(new Error(secret), { hideUnexpected: true, observer: (method) => seen.push(method) });
  assert.equal(hidden.rawMessage, meaning(500));
  assert.deepEqual(seen, ["/test.Test/Unary"]);
});

test("ConnectError", async () => {
  const detail = { desc: ErrorSchema, value: create(ErrorSchema, { code: 502, message: "broken" }) };
  const own = new ConnectError("gone", Code.Unavailable, { "x-request-id": "7" }, [detail]);
  const sent = await failure(own);
  assert.equal(sent.rawMessage, "gone");
  assert.equal(sent.metadata.get("x-request-id"), "7");
  assert.equal(sent.findDetails(ErrorSchema)[0]?.code, 502);
  const large = await failure(new ConnectError(" ".repeat(10_000), Code.NotFound));
  assert.ok(encodeURIComponent(large.rawMessage).length <= 4096);
});

test("stream", async () => {
  const response = { stream: true, message: failing(new StatusError(404, "gone")) } as unknown as UnaryResponse;
  const request = { service: { typeName: "test.Test" }, method: { name: "Stream" } as DescMethod } as UnaryRequest;
  const { message } = (await catchErrors({ observer: () => undefined })(() => Promise.resolve(response))(request)) as unknown as {
    message: AsyncIterable<never>;
  };
  await assert.rejects(async () => {
    for await (const each of message) {
      assert.fail(String(each));
    }
  }, (error) => error instanceof ConnectError && error.code === Code.NotFound);
});

test("the last success status counts", () => {
  const context = { responseHeader: new Headers() };
  setHttpStatus(context, 204);
  setHttpStatus(context, 202);
  assert.equal(context.responseHeader.get("statusbridge-http-status"), "202");
});

test("values that are no errors", async () => {
  for (const thrown of [undefined, null, 0, "", secret, Object.freeze(new Error(secret))]) {
    const sent = await failure(thrown, { observer: () => undefined, hideUnexpected: true });
    assert.equal(sent.code, Code.Unknown);
    assert.equal(sent.rawMessage, meaning(500));
  }
});
