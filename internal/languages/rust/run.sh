#!/usr/bin/env bash
# Builds the recipe for Rust and runs the gateway's cases against it.
set -eu -o pipefail
suite=rust
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

cargo --version >/dev/null 2>&1 || leave_out 'there is no cargo'
mkdir -p "$work"
cd "$here"
# The compiled dependencies are kept.
export CARGO_TARGET_DIR=$root/.tmp/cargo
need cargo fetch --locked
cargo build --quiet --locked
start server '/^127\.0\.0\.1:/p' "$CARGO_TARGET_DIR/debug/answer"
echo "rust: the gateway in front of the server"
(cd "$root" && ANSWER_SERVER=$printed go test -count=1 -run 'TestErrors|TestSuccess' ./internal/languages)
