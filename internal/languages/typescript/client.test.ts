// Reads the REST errors of the example control plane as gRPC codes.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fromJson } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { grpcCode } from "statusbridge";
import { ErrorSchema } from "statusbridge/v1";

const errors: [method: string, path: string, code: number][] = [
  ["GET", "/api/v1/workloads", status.UNAUTHENTICATED],
  ["PATCH", "/api/v1/org-unit/projects", status.UNIMPLEMENTED],
  ["GET", "/nowhere", status.NOT_FOUND],
  ["POST", "/api/v1/token", status.INVALID_ARGUMENT],
];

for (const [method, path, code] of errors) {
  test(`${method} ${path}`, async () => {
    const response = await fetch(process.env.CONTROLPLANE_URL + path, { method, ...(method === "POST" && { body: "{" }) });
    // docs: client
    const body = fromJson(ErrorSchema, await response.json());
    assert.equal(grpcCode(response.status), code);
    // docs: end
    assert.equal(body.code, response.status);
    assert.notEqual(body.message, "");
  });
}
