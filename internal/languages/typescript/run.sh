#!/usr/bin/env bash
# Packs the npm package, installs it beside its pinned dependencies and runs its suite.
set -eu -o pipefail
suite=typescript
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || leave_out 'there is no Node.js 20 or later'
command -v npm >/dev/null || leave_out 'there is no npm'
rm -rf "$work"
mkdir -p "$work"
cp "$here"/*.json "$here"/*.ts "$work"
cd "$work"
need npm ci --ignore-scripts --no-audit --no-fund
packed=$(npm pack --silent "$root/gen/typescript")
npm install --silent --no-save --ignore-scripts --no-audit --no-fund "./$packed"
npm ls statusbridge >/dev/null

node_modules/.bin/tsc
start_control_plane
node --test --test-reporter=spec dist/
drive server node dist/server.js
drive connect-server node dist/connect_server.js
