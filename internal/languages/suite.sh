# What the suites of the languages share. A run.sh sources it after naming its language in $suite.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
here=$root/internal/languages/$suite
work=$root/.tmp/$suite
export VECTORS=$root/gen/vectors.json

# leave_out says why the suite does not run; in CI (CI=true) that is a failure.
leave_out() {
	echo "$suite: the suite was left out: $1"
	if [ "${CI:-}" = true ]; then
		exit 1
	fi
	exit 0
}

# need leaves the suite out where an installation fails, with the first error that it names.
need() {
	"$@" >"$work/install.log" 2>&1 ||
		leave_out "its packages cannot be installed ($(grep -i -m 1 error "$work/install.log" || tail -n 1 "$work/install.log"))"
}

pids=()
trap 'for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done' EXIT

# start runs a server until the suite ends, and sets $printed to the first line of its output that a sed expression
# prints.
start() {
	local name=$1 line=$2
	shift 2
	: >"$work/$name.out"
	"$@" >>"$work/$name.out" 2>"$work/$name.err" &
	pids+=($!)
	for _ in $(seq 300); do
		printed=$(sed -n "$line" "$work/$name.out")
		[ -z "$printed" ] || return 0
		sleep 0.1
	done
	echo "$suite: $name did not start:" >&2
	cat "$work/$name.err" >&2
	exit 1
}

# start_control_plane starts the example and exports its URL.
start_control_plane() {
	(cd "$root/example" && go build -o "$work/controlplane" ./cmd/controlplane)
	start controlplane 's/^export URL=//p' "$work/controlplane" -addr 127.0.0.1:0
	export CONTROLPLANE_URL=$printed
}

# drive starts a server of the language and runs the Go gateway's cases against it. With the last argument `hide` the server
# hides the text of unexpected errors.
drive() {
	local name=$1 hides=
	[ "${!#}" != hide ] || hides=1
	shift
	start "$name" '/^127\.0\.0\.1:/p' "$@"
	echo "$suite: the gateway with the $name"
	(cd "$root" && ANSWER_SERVER=$printed ANSWER_HIDES=$hides go test -count=1 \
		-run 'TestErrors|TestLongTexts|TestSuccess|TestGoogleDetails|TestChallenge|TestUnexpected|TestDefaultClient' ./internal/languages)
}
