#!/usr/bin/env bash
# Holds documents of public protos, and that of the example, against validators, generators of clients and schemathesis.
# It names each part that it leaves out because a toolchain is missing. In CI (CI=true) that is a failure.
set -eu -o pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$root/.tmp/openapi
export PYTHONDONTWRITEBYTECODE=1
export DOCUMENTS=$work/documents
mkdir -p "$work"
rm -rf "$DOCUMENTS" && mkdir "$DOCUMENTS"

left_out=()
leave_out() {
	left_out+=("$1")
	return 1
}

# installed reports whether a directory was made from the lock file beside it, and removes an old one.
installed() {
	cmp -s "$1/.lock" "$2" || { rm -rf "$1" && return 1; }
}

install_python() {
	python=$work/python/bin/python
	installed "$work/python" "$here/requirements.txt" && return
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
		leave_out 'the Python parts: there is no Python 3.11 or later' || return
	python3 -m venv "$work/python" >"$work/python.log" 2>&1 &&
		"$python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
			--requirement "$here/requirements.txt" >>"$work/python.log" 2>&1 ||
		leave_out "the Python parts: $(tail -n 1 "$work/python.log")" || return
	cp "$here/requirements.txt" "$work/python/.lock"
}

install_node() {
	installed "$work/node" "$here/package-lock.json" && return
	node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null ||
		leave_out 'the TypeScript parts: there is no Node.js 20 or later with npm' || return
	mkdir -p "$work/node"
	cp "$here"/package*.json "$work/node"
	(cd "$work/node" && npm ci --ignore-scripts --no-audit --no-fund) >"$work/node.log" 2>&1 ||
		leave_out "the TypeScript parts: $(tail -n 1 "$work/node.log")" || return
	cp "$here/package-lock.json" "$work/node/.lock"
}

generator_version=7.25.0

install_java() {
	export OPENAPI_GENERATOR=$work/openapi-generator-cli-$generator_version.jar
	[ ! -f "$OPENAPI_GENERATOR" ] || return 0
	command -v java >/dev/null && command -v mvn >/dev/null ||
		leave_out 'openapi-generator: there is no Java with Maven' || return
	mvn -q -B -Dmaven.repo.local="$root/.tmp/m2" org.apache.maven.plugins:maven-dependency-plugin:3.9.0:copy \
		"-Dartifact=org.openapitools:openapi-generator-cli:$generator_version" "-DoutputDirectory=$work" \
		>"$work/java.log" 2>&1 || leave_out "openapi-generator: $(tail -n 1 "$work/java.log")"
}

if install_python; then
	PYTHON_PROTOS=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	export PYTHON_PROTOS
else
	python=
fi
if install_node; then
	export NODE_PROTOS=$work/node/node_modules/google-proto-files
	node=true
else
	node=
fi
install_java || unset OPENAPI_GENERATOR

for part in "${left_out[@]}"; do
	echo "left out: $part"
done
[ "${#left_out[@]}" -eq 0 ] || [ "${CI:-}" != true ] || exit 1

cd "$here"
go test -count=1 .
cp "$root/example/internal/openapi/generated/controlplane/v1/openapi.json" "$DOCUMENTS/example.ours.json"
cp "$root/example/internal/openapi/generated/controlplane/facade/v1/openapi.json" "$DOCUMENTS/facade.ours.json"

# The generators for Python and TypeScript share the two cores with schemathesis.
jobs=()
trap 'for job in "${jobs[@]}" ${plane:-}; do kill "$job" 2>/dev/null || true; done' EXIT
if [ -n "$python" ]; then
	"$python" "$here/clients.py" "$DOCUMENTS" &
	jobs+=($!)
fi
if [ -n "$node" ]; then
	cp "$here/clients.mjs" "$work/node"
	node "$work/node/clients.mjs" "$DOCUMENTS" "$work/node/generated" &
	jobs+=($!)
fi
if [ -n "$python" ]; then
	(cd "$root/example" && go build -o "$work/controlplane" ./cmd/controlplane)
	: >"$work/controlplane.out"
	"$work/controlplane" -addr 127.0.0.1:0 >>"$work/controlplane.out" 2>"$work/controlplane.err" &
	plane=$!
	url=
	for _ in $(seq 100); do
		url=$(sed -n 's/^export URL=//p' "$work/controlplane.out")
		[ -z "$url" ] || break
		sleep 0.1
	done
	[ -n "$url" ] || { cat "$work/controlplane.err" >&2 && exit 1; }
	token=$("$python" "$here/grant.py" "$url")
	# 501 is a documented status of every operation. A valid request can break rules that its schema does not have.
	(cd "$work" && "$python" -m schemathesis.cli run "$url/openapi.json" --header "Authorization: Bearer $token" \
		--phases examples,coverage,fuzzing --max-examples 3 --seed 1 --continue-on-failure --no-color --warnings off \
		--checks all --exclude-checks not_a_server_error,positive_data_acceptance) >"$work/schemathesis.log" 2>&1 ||
		{ cat "$work/schemathesis.log" >&2 && exit 1; }
	echo "schemathesis: $(grep ' generated, ' "$work/schemathesis.log" | sed 's/^ *//')"
	kill "$plane"
	wait "$plane"
	plane=
fi
for job in "${jobs[@]}"; do
	wait "$job"
done
