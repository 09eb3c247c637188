#!/usr/bin/env bash
# Builds the recipe for Rust and runs the gateway's cases against it.
set -eu -o pipefail
suite=rust
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

# There is no crate, so a machine without a recent Rust passes, in CI too. tonic needs Rust 1.88.
cargo --version 2>/dev/null | awk '{ split($2, v, "."); old = v[1] == 1 && v[2] < 88 } END { exit NR == 0 || old }' || {
	echo 'rust: left out: there is no Rust 1.88 or later'
	exit 0
}
mkdir -p "$work"
cd "$here"
# The compiled dependencies are kept.
export CARGO_TARGET_DIR=$root/.tmp/cargo
need cargo fetch --locked
cargo build --quiet --locked
start server '/^127\.0\.0\.1:/p' "$CARGO_TARGET_DIR/debug/answer"
echo "rust: the gateway with the server"
(cd "$root" && ANSWER_SERVER=$printed go test -count=1 -run 'TestErrors|TestSuccess|TestChallenge' ./internal/languages)
