#!/usr/bin/env bash
# Checks documents of public protos, and that of the example, with validators, generators of clients and schemathesis.
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

jobs=() planes=()
trap 'for job in "${jobs[@]}" "${planes[@]}"; do kill "$job" 2>/dev/null || true; done' EXIT

# start_plane starts an example and sets $url.
start_plane() {
	local out=$work/plane${#planes[@]}
	"$work/controlplane" -addr 127.0.0.1:0 >"$out.out" 2>"$out.err" &
	planes+=($!)
	for _ in $(seq 100); do
		url=$(sed -n 's/^export URL=//p' "$out.out")
		[ -z "$url" ] || return 0
		sleep 0.1
	done
	cat "$out.err" >&2
	exit 1
}

# live_python generates a client with openapi-python-client and runs its tests with the Python package.
live_python() {
	local live=$work/live
	rm -rf "$live" && mkdir "$live"
	cp "$here"/live/*.py "$live"
	cp -R "$root/gen/python/src/statusbridge" "$live"
	cp -R "$root/gen/python/generated/statusbridge/v1" "$live/statusbridge"
	echo 'post_hooks: []' >"$live/config.yaml"
	"$python" -m openapi_python_client generate --path "$DOCUMENTS/example.ours.json" --meta none \
		--output-path "$live/controlplane" --config "$live/config.yaml" >"$work/live.log" || cat "$work/live.log" >&2
	(cd "$live" && CONTROLPLANE_URL=$1 "$python" -m pytest -q -p no:cacheprovider .)
}

# live_node generates types for openapi-fetch and runs its tests with the npm package.
live_node() {
	local live=$work/node/live bin=$work/node/node_modules/.bin
	rm -rf "$live" && mkdir -p "$live/node_modules/statusbridge"
	cp "$here"/live/*.ts "$live"
	npm pack --silent --pack-destination "$live" "$root/gen/typescript" >/dev/null
	tar -xzf "$live"/statusbridge-*.tgz -C "$live/node_modules/statusbridge" --strip-components 1
	"$bin/openapi-typescript" "$DOCUMENTS/example.ours.json" --output "$live/example.ts" >/dev/null
	(cd "$live" && "$bin/tsc" --strict --skipLibCheck --module nodenext --target es2022 --types node --outDir out ./*.ts)
	CONTROLPLANE_URL=$1 node --test --test-reporter=dot "$live/out/client.test.js"
}

[ -z "$python$node" ] || (cd "$root/example" && go build -o "$work/controlplane" ./cmd/controlplane)

# The generators for Python and TypeScript share the two cores with schemathesis.
if [ -n "$python" ]; then
	start_plane
	{ "$python" "$here/clients.py" "$DOCUMENTS" && live_python "$url"; } &
	jobs+=($!)
fi
if [ -n "$node" ]; then
	start_plane
	cp "$here/clients.mjs" "$work/node"
	{ node "$work/node/clients.mjs" "$DOCUMENTS" "$work/node/generated" && live_node "$url"; } &
	jobs+=($!)
fi
if [ -n "$python" ]; then
	start_plane
	token=$("$python" "$here/grant.py" "$url")
	# 501 is a documented status of every operation. A valid request can break rules that its schema does not have.
	(cd "$work" && "$python" -m schemathesis.cli run "$url/openapi.json" --header "Authorization: Bearer $token" \
		--phases examples,coverage,fuzzing --max-examples 3 --seed 1 --continue-on-failure --no-color --warnings off \
		--checks all --exclude-checks not_a_server_error,positive_data_acceptance) >"$work/schemathesis.log" 2>&1 ||
		{ cat "$work/schemathesis.log" >&2 && exit 1; }
	echo "schemathesis: $(grep ' generated, ' "$work/schemathesis.log" | sed 's/^ *//')"
fi
for job in "${jobs[@]}"; do
	wait "$job"
done
for plane in "${planes[@]}"; do
	kill "$plane"
	wait "$plane"
done
