// Uses the installed package as its users do.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { getOption } from "@bufbuild/protobuf";
import type { GenFile } from "@bufbuild/protobuf/codegenv2";
import * as root from "statusbridge";
import { toServiceError } from "statusbridge/grpc";
import { errors, HttpStatus, success } from "statusbridge/v1";

const require = createRequire(import.meta.url);

test("CommonJS has the same exports", async () => {
  for (const name of ["statusbridge", "statusbridge/grpc", "statusbridge/connect", "statusbridge/v1"]) {
    const [module, commonjs] = [(await import(name)) as object, require(name) as object];
    assert.deepEqual(Object.keys(commonjs).sort(), Object.keys(module).sort(), name);
  }
});

test("an error of the CommonJS copy is an error of the other one", () => {
  const { StatusError } = require("statusbridge") as typeof root;
  assert.ok(new StatusError(409) instanceof root.StatusError);
  assert.equal(toServiceError(new StatusError(409, "taken")).details, "taken");
});

test("the main module runs in a browser", () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) {
      return;
    }
    seen.add(file);
    const source = readFileSync(file, "utf8");
    assert.doesNotMatch(source, /\bBuffer\b|\bprocess\.|"node:/, file);
    for (const [, path] of source.matchAll(/from "(\.[^"]+)"/g)) {
      visit(join(dirname(file), path ?? ""));
    }
  };
  visit(fileURLToPath(import.meta.resolve("statusbridge")));
  assert.ok(seen.size > 5);
});

test("a proto of a user compiles against the package", async (t) => {
  const { BUF } = process.env;
  if (!BUF) {
    t.skip("run.sh sets BUF");
    return;
  }
  execFileSync(BUF, ["generate", "user", "--template", "user.gen.yaml"], { stdio: "inherit" });
  const { file_user } = (await import(join(process.cwd(), "dist/user/user_pb.js"))) as { file_user: GenFile };
  const method = file_user.services[0]?.methods[0];
  assert.ok(method);
  assert.equal(getOption(method, success), HttpStatus.ACCEPTED);
  assert.deepEqual(getOption(method, errors), [HttpStatus.NOT_FOUND, HttpStatus.CONFLICT]);
});
