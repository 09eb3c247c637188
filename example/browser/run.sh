#!/usr/bin/env bash
# Drives the explorer in a headless Chromium: run.sh tests it, and run.sh screenshot takes the pictures of README.md. It
# leaves the suite out if the browser or Node.js is missing. In CI (CI=true) that is a failure.
set -eu -o pipefail
suite=browser
. "$(dirname "${BASH_SOURCE[0]}")/../../internal/languages/suite.sh"
here=$root/example/browser

export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || leave_out 'Chromium is not installed'
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || leave_out 'Node.js 20 or later is not installed'
command -v npm >/dev/null || leave_out 'npm is not installed'
rm -rf "$work"
mkdir -p "$work"
cp "$here"/*.json "$here"/*.mjs "$work"
cd "$work"
need npm ci --ignore-scripts --no-audit --no-fund

start_control_plane
case ${1:-test} in
test) node --test --test-reporter=spec --test-concurrency=2 explorer.test.mjs layout.test.mjs ;;
screenshot) node screenshot.mjs "$root/docs" ;;
*)
	echo "$suite: unknown command $1" >&2
	exit 1
	;;
esac
