// Gets every documented error from the example with a generated client. run.sh generates its types.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { StatusError } from "statusbridge";
import { newClient } from "./client.js";

const url = process.env["CONTROLPLANE_URL"] ?? "";
const clusterId = "6f1c1b1e-52f0-4c8e-9d6b-2f7c0a4d9e11";
const client = newClient(url);

type Headers = Record<string, string>;

async function grant(clientId: string, clientSecret: string): Promise<Headers> {
  const { data } = await client.POST("/api/v1/token", { body: { clientId, clientSecret } });
  return { Authorization: `Bearer ${data?.accessToken}` };
}

async function breakDown(mode: string): Promise<void> {
  const response = await fetch(`${url}/admin/${mode}`, { method: "PUT" });
  assert.equal(response.status, 200);
}

const administrator = await grant("demo-administrator", "administrator-demo-secret");
const viewer = await grant("demo-viewer", "viewer-demo-secret");

const list = (headers: Headers, query: { limit?: number; filterBy?: string[] } = {}) =>
  client.GET("/api/v1/org-unit/projects", { headers, params: { query } });
const get = () =>
  client.GET("/api/v1/org-unit/projects/{project_id}", {
    headers: administrator,
    params: { path: { project_id: "none" } },
  });
const create = (headers: Headers, name: string) =>
  client.POST("/api/v1/org-unit/projects", { headers, body: { name, clusterId } });

async function createTwice(): Promise<unknown> {
  await create(administrator, "typescript");
  return create(administrator, "typescript");
}

// The status, its gRPC code in the status table, the call, and the failure of the example.
const failures: [status: number, code: number, call: () => Promise<unknown>, mode?: string][] = [
  [400, 3, () => list(administrator, { limit: 0 })],
  [401, 16, () => list({})],
  [403, 7, () => create(viewer, "other")],
  [404, 5, get],
  [409, 10, createTwice],
  [500, 13, () => list(administrator), "store/corrupt"],
  [501, 12, () => list(administrator, { filterBy: ["name==a"] })],
  [502, 14, () => list(administrator), "resources/rubbish"],
  [503, 14, () => list(administrator), "resources/down"],
  [504, 4, () => list({ ...administrator, "Grpc-Timeout": "1n" })],
];

for (const [httpStatus, grpcCode, call, mode] of failures) {
  test(`${httpStatus}`, async () => {
    if (mode) {
      await breakDown(mode);
    }
    try {
      await assert.rejects(call(), (error) => {
        assert.ok(error instanceof StatusError);
        assert.deepEqual([error.httpStatus, error.grpcCode], [httpStatus, grpcCode]);
        assert.notEqual(error.message, "");
        assert.equal(error.cause, undefined); // every documented body is read completely
        return true;
      });
    } finally {
      await breakDown("store/healthy");
      await breakDown("resources/running");
    }
  });
}

test("a success", async () => {
  assert.ok((await list(administrator)).data?.projects);
});

test("a 503 of a proxy with HTML as JSON", async () => {
  const proxy = createServer((_, response) => {
    response.writeHead(503, { "Content-Type": "application/json", "Retry-After": "9", Connection: "close" });
    response.end("<h1>secret</h1>");
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  try {
    const elsewhere = newClient(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    await assert.rejects(elsewhere.GET("/api/v1/workloads"), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.httpStatus, error.retryAfter], [503, 9]);
      return !error.message.includes("secret");
    });
  } finally {
    proxy.close();
  }
});
