#!/usr/bin/env bash
# Drives the explorer of the control plane in a headless Chromium: run.sh tests it, run.sh screenshot renews the README's
# picture. Where the browser or Node.js cannot be had, it says so and leaves the suite out; in CI (CI=true) that is a
# failure.
set -eu -o pipefail
suite=browser
. "$(dirname "${BASH_SOURCE[0]}")/../../internal/languages/suite.sh"
here=$root/example/browser

export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ -n "$CHROMIUM" ] || leave_out 'there is no Chromium'
node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || leave_out 'there is no Node.js 20 or later'
command -v npm >/dev/null || leave_out 'there is no npm'
rm -rf "$work"
mkdir -p "$work"
cp "$here"/*.json "$here"/*.mjs "$work"
cd "$work"
need npm ci --ignore-scripts --no-audit --no-fund

start_control_plane
case ${1:-test} in
test) node --test --test-reporter=spec explorer.test.mjs ;;
screenshot) node screenshot.mjs "$root/docs/explorer.png" ;;
*)
	echo "$suite: there is no $1" >&2
	exit 1
	;;
esac
