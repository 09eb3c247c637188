#!/usr/bin/env bash
# Packs the npm package, installs it beside its pinned dependencies and runs its suite.
set -eu -o pipefail
suite=typescript
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || leave_out 'there is no Node.js 20 or later'
command -v npm >/dev/null || leave_out 'there is no npm'
rm -rf "$work"
mkdir -p "$work"
cp "$here"/*.json "$here"/*.yaml "$here"/*.ts "$here"/*.cts "$work"
cp -R "$here/lint" "$root/internal/languages/user" "$work"
cd "$work"
need npm ci --ignore-scripts --no-audit --no-fund
need npm ci --prefix lint --ignore-scripts --no-audit --no-fund
packed=$(npm pack --silent "$root/gen/typescript")
npm install --silent --no-save --ignore-scripts --no-audit --no-fund "./$packed"
npm ls statusbridge >/dev/null

# What a registry gets.
lint/node_modules/.bin/publint "$packed" --strict
lint/node_modules/.bin/attw "./$packed" --profile node16 --exclude-entrypoints proto --format table-flipped --no-emoji >"$work/attw.log" ||
	{ cat "$work/attw.log" && exit 1; }

node_modules/.bin/tsc
# The sources of the package are linted beside its dependencies.
mkdir sources
cp -R "$root"/gen/typescript/{src,tsconfig.json,package.json} sources
lint/node_modules/.bin/eslint --config lint/eslint.config.js --max-warnings 0 ./*.ts sources/src
start_control_plane
BUF=$work/lint/node_modules/.bin/buf node --test --test-reporter=spec dist/
for server in server connect_server; do
	drive "$server" node "dist/$server.js"
	drive "hiding_$server" node "dist/$server.js" hide
done
