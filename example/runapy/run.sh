#!/usr/bin/env bash
# Runs the official Python client, unchanged, against the control plane. It leaves the suite out if Python or the packages
# are missing. In CI (CI=true) that is a failure.
set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$here/../../.tmp/runapy

leave_out() {
	echo "runapy: the official client's suite was left out: $1"
	if [ "${CI:-}" = true ]; then
		exit 1
	fi
	exit 0
}

command -v python3 >/dev/null || leave_out 'python3 is not installed'
rm -rf "$work"
mkdir -p "$work"
python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || leave_out 'python3 cannot make a virtual environment'
"$work/venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
	--requirement "$here/requirements.txt" >"$work/pip.log" 2>&1 ||
	leave_out "its packages cannot be installed ($(tail -n 1 "$work/pip.log"))"

(cd "$here/.." && go build -o "$work/controlplane" ./cmd/controlplane)
: >"$work/stdout"
"$work/controlplane" -addr 127.0.0.1:0 >>"$work/stdout" 2>"$work/stderr" &
pid=$!
trap 'kill "$pid" 2>/dev/null || true' EXIT

url=
for _ in $(seq 100); do
	url=$(sed -n 's/^export URL=//p' "$work/stdout")
	[ -z "$url" ] || break
	sleep 0.1
done
if [ -z "$url" ]; then
	echo "runapy: the control plane did not start:" >&2
	cat "$work/stderr" >&2
	exit 1
fi

# The wheel of this repository has the same two folders in one.
mkdir "$work/site"
cp -R "$here/../../gen/python/src/statusbridge" "$work/site"
cp -R "$here/../../gen/python/generated/statusbridge/v1" "$work/site/statusbridge"

CONTROLPLANE_URL=$url PYTHONPATH=$work/site PYTHONDONTWRITEBYTECODE=1 \
	"$work/venv/bin/python" -m pytest -q -p no:cacheprovider "$here"

# A signal must end the control plane without an error.
kill "$pid"
trap - EXIT
wait "$pid"
