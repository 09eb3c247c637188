// Reads the REST errors of the example control plane as gRPC codes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { status } from "@grpc/grpc-js";
import { fromResponse, StatusError } from "statusbridge";
import { get } from "./exampleClient.js";

const errors: [method: string, path: string, code: number][] = [
  ["GET", "/api/v1/workloads", status.UNAUTHENTICATED],
  ["PATCH", "/api/v1/org-unit/projects", status.UNIMPLEMENTED],
  ["GET", "/nowhere", status.NOT_FOUND],
  ["POST", "/api/v1/token", status.INVALID_ARGUMENT],
];

const url = process.env["CONTROLPLANE_URL"] ?? "";

for (const [method, path, code] of errors) {
  test(`${method} ${path}`, async () => {
    const response = await fetch(url + path, { method, ...(method === "POST" && { body: "{" }) });
    const error = fromResponse(response.status, response.headers, await response.text());
    assert.equal(error?.grpcCode, code);
    assert.equal(error.httpStatus, response.status);
    assert.notEqual(error.message, "");
    assert.equal(error.cause, undefined);
  });
}

test("example", async () => {
  await assert.rejects(get(url + "/nowhere"), (error) => {
    assert.ok(error instanceof StatusError);
    return error.httpStatus === 404;
  });
});
