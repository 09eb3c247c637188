// Errors, success statuses and metadata on a real connection.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Client,
  credentials,
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { meaning, StatusError } from "statusbridge";
import { catchErrors, type ErrorsOptions, setHttpStatus } from "statusbridge/grpc";

const secret = "pq: no password for 10.0.0.3";
type Unary = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => unknown;
type Stream = (call: ServerWritableStream<Buffer, Buffer>) => unknown;

const pass = (bytes: Buffer) => bytes;
const path = { unary: "/test.Test/Unary", stream: "/test.Test/Stream" };

/** Runs a test with a client of a server. */
async function serve(
  methods: object,
  options: ErrorsOptions,
  run: (client: Client) => Promise<void>,
): Promise<void> {
  const server = new Server();
  const definition = (name: "unary" | "stream") => ({
    path: path[name],
    requestStream: false,
    responseStream: name === "stream",
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  });
  server.addService(
    { unary: definition("unary"), stream: definition("stream") },
    catchErrors(methods as UntypedServiceImplementation, options),
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (failed, bound) =>
      failed ? reject(failed) : resolve(bound),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    await run(client);
  } finally {
    client.close();
    server.forceShutdown();
  }
}

interface Outcome {
  error?: ServiceError;
  metadata?: Metadata;
  response?: Buffer;
}

function callUnary(client: Client): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = {};
    const call = client.makeUnaryRequest(path.unary, pass, pass, Buffer.alloc(0), (error, response) => {
      resolve({ ...outcome, ...(error && { error }), ...(response && { response }) });
    });
    call.on("metadata", (metadata: Metadata) => (outcome.metadata = metadata));
  });
}

function callStream(client: Client): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = {};
    const call = client.makeServerStreamRequest(path.stream, pass, pass, Buffer.alloc(0));
    call.on("metadata", (metadata: Metadata) => (outcome.metadata = metadata));
    call.on("data", (response: Buffer) => (outcome.response = response));
    call.on("error", (error: ServiceError) => resolve({ ...outcome, error }));
    call.on("end", () => setTimeout(() => resolve(outcome), 0));
  });
}

const conflict = () => new StatusError(409, "taken", { violations: { name: "is taken" }, retryAfter: 7 });

// Every way in which a method can fail.
const failing: Record<string, (error: Error) => { unary?: Unary; stream?: Stream }> = {
  throw: (error) => ({
    unary: () => {
      throw error;
    },
    stream: () => {
      throw error;
    },
  }),
  "async throw": (error) => ({
    unary: async () => {
      await Promise.resolve();
      throw error;
    },
    stream: async () => {
      await Promise.resolve();
      throw error;
    },
  }),
  callback: (error) => ({
    unary: (_call, callback) => callback(error),
    stream: (call) => call.emit("error", error),
  }),
  destroy: (error) => ({
    unary: async () => Promise.reject(error),
    stream: (call) => call.destroy(error),
  }),
};

for (const [way, methods] of Object.entries(failing)) {
  test(`StatusError by ${way}`, async () => {
    await serve(methods(conflict()), { observer: () => undefined }, async (client) => {
      for (const call of [callUnary, callStream]) {
        const { error } = await call(client);
        assert.equal(error?.code, status.ABORTED);
        assert.equal(error.details, "taken");
        assert.match(String(error.metadata.get("grpc-status-details-bin")[0]), /is taken/);
      }
    });
  });

  test(`unexpected error by ${way}`, async () => {
    for (const hideUnexpected of [false, true]) {
      const seen: unknown[] = [];
      const options = { hideUnexpected, observer: (method: string, error: unknown) => seen.push(method, error) };
      const error = new Error(secret);
      await serve(methods(error), options, async (client) => {
        for (const call of [callUnary, callStream]) {
          const { error: received } = await call(client);
          assert.equal(received?.code, status.UNKNOWN);
          assert.equal(received.details, hideUnexpected ? meaning(500) : secret);
        }
      });
      assert.deepEqual(seen, [path.unary, error, path.stream, error]);
    }
  });
}

test("values that are no errors", async () => {
  const thrower = {
    get code() {
      throw new Error(secret);
    },
  };
  for (const thrown of [undefined, null, 0, "", secret, Object.freeze(new Error(secret)), thrower]) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- JavaScript allows any value
    const fail = () => Promise.reject(thrown);
    await serve({ unary: fail, stream: fail }, { observer: () => undefined, hideUnexpected: true }, async (client) => {
      for (const call of [callUnary, callStream]) {
        const { error } = await call(client);
        assert.equal(error?.code, status.UNKNOWN);
        assert.equal(error.details, meaning(500));
      }
    });
  }
});

test("listener that throws", async () => {
  const stream: Stream = (call) => {
    call.on("own", () => {
      throw new StatusError(404, "gone");
    });
    call.emit("own");
  };
  await serve({ stream }, { observer: () => undefined }, async (client) => {
    assert.equal((await callStream(client)).error?.code, status.NOT_FOUND);
  });
});

test("causes and errors of Node.js", async () => {
  const cases: [Error, number][] = [
    [new Error("shard 3", { cause: new StatusError(404, "no workspace 1") }), status.NOT_FOUND],
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), status.UNAVAILABLE],
    [new TypeError("fetch failed", { cause: Object.assign(new Error(), { code: "UND_ERR_SOCKET" }) }), status.UNAVAILABLE],
    [new AggregateError([new Error("shard 1"), new StatusError(404, "gone")], "no shard responds"), status.NOT_FOUND],
    [new DOMException("its number is 8", "NotFoundError"), status.UNKNOWN],
    [new DOMException("late", "TimeoutError"), status.DEADLINE_EXCEEDED],
    [new DOMException("ended", "AbortError"), status.CANCELLED],
  ];
  for (const [error, code] of cases) {
    await serve({ unary: () => Promise.reject(error) }, { observer: () => undefined }, async (client) => {
      assert.equal((await callUnary(client)).error?.code, code);
    });
  }
});

test("status of another service", async () => {
  await serve({ unary: () => Promise.reject(new StatusError(502, "broken")) }, { observer: () => undefined }, async (other) => {
    const unary = async () => {
      const { error } = await callUnary(other);
      throw error ?? new Error("the call has succeeded");
    };
    await serve({ unary }, { observer: () => undefined }, async (client) => {
      const { error } = await callUnary(client);
      assert.equal(error?.code, status.UNAVAILABLE);
      assert.equal(error.details, "broken");
      assert.match(String(error.metadata.get("grpc-status-details-bin")[0]), /statusbridge\.v1\.Error/);
    });
  });
});

test("trailing metadata is kept", async () => {
  const trailers = new Metadata();
  trailers.set("x-request-id", "7");
  trailers.set("www-authenticate", "Basic");
  const error = new StatusError(401, "who are you?", { challenge: 'Bearer realm="a"' });
  const unary: Unary = (_call, callback) => callback(error, null, trailers);
  await serve({ unary }, { observer: () => undefined }, async (client) => {
    const received = (await callUnary(client)).error?.metadata;
    assert.deepEqual(received?.get("x-request-id"), ["7"]);
    assert.deepEqual(received.get("www-authenticate"), ['Bearer realm="a"']);
  });
});

test("the last success status counts", async () => {
  const choose = (call: ServerUnaryCall<Buffer, Buffer> | ServerWritableStream<Buffer, Buffer>) => {
    setHttpStatus(call, 204);
    const own = new Metadata();
    own.set("x-own", "1");
    call.sendMetadata(own);
    setHttpStatus(call, 202);
  };
  const unary: Unary = (call) => {
    choose(call);
    return Promise.resolve(Buffer.from("done"));
  };
  const stream: Stream = (call) => {
    choose(call);
    call.write(Buffer.from("done"));
    call.end();
  };
  await serve({ unary, stream }, {}, async (client) => {
    for (const call of [callUnary, callStream]) {
      const { metadata, response } = await call(client);
      assert.deepEqual(metadata?.get("statusbridge-http-status"), ["202"]);
      assert.deepEqual(metadata.get("x-own"), ["1"]);
      assert.equal(String(response), "done");
    }
  });
});

test("a method of a class, and a method that answers twice", async () => {
  class Service {
    readonly text = "done";
    unary(_call: unknown, callback: sendUnaryData<Buffer>): void {
      callback(null, Buffer.from(this.text));
      callback(new Error(secret));
    }
  }
  await serve(new Service(), {}, async (client) => {
    assert.equal(String((await callUnary(client)).response), "done");
  });
});

test("a default client keeps the code", async () => {
  const error = new StatusError(409, "é".repeat(5_000), {
    violations: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`field${i}`, "is not valid ".repeat(10)])),
    retryAfter: 3,
    messages: [{ type: "google.rpc.DebugInfo", value: new Uint8Array(9_000) }],
  });
  await serve({ unary: () => Promise.reject(error) }, { observer: () => undefined }, async (client) => {
    for (let i = 0; i < 200; i++) {
      const { error: received } = await callUnary(client);
      assert.equal(received?.code, status.ABORTED);
      assert.ok(received.details.endsWith("…"));
      assert.match(String(received.metadata.get("grpc-status-details-bin")[0]), /field0: is not valid/);
    }
  });
});
