#!/usr/bin/env bash
# Builds the Python package from the checkout, installs its wheel into a fresh virtual environment and runs its suite.
set -eu -o pipefail
suite=python
. "$(dirname "${BASH_SOURCE[0]}")/../suite.sh"

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || leave_out 'there is no Python 3.11 or later'
rm -rf "$work"
mkdir -p "$work"
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$work/venv" >"$work/venv.log" 2>&1 || leave_out 'python3 cannot make a virtual environment'
python=$work/venv/bin/python
need "$python" -m pip install --quiet --require-hashes --only-binary :all: --requirement "$here/requirements.txt"

# What a registry gets: the archive of the sources, and the wheel that is built from that archive.
(cd "$root/gen/python" && "$python" -m hatchling build --target sdist --directory "$work/dist" >/dev/null 2>&1)
mkdir "$work/sources" && tar -xzf "$work"/dist/*.tar.gz -C "$work/sources"
(cd "$work"/sources/* && "$python" -m hatchling build --target wheel --directory "$work/dist" >/dev/null 2>&1)
"$python" -m twine check --strict "$work"/dist/*
"$python" -m pip install --quiet --no-deps "$work"/dist/*.whl
"$python" -m pip check

ruff=(--no-cache --config "$here/ruff.toml" "$here" "$root/gen/python/src")
"$python" -m ruff check "${ruff[@]}"
"$python" -m ruff format --check "${ruff[@]}"
mypy=("$python" -m mypy --config-file "$here/mypy.ini" --cache-dir "$work/mypy")
"${mypy[@]}" --package statusbridge
(cd "$here" && "${mypy[@]}" .)
if command -v npm >/dev/null; then
	(cd "$here" && PYRIGHT_PYTHON_CACHE_DIR=$work/pyright PYRIGHT_PYTHON_IGNORE_WARNINGS=1 \
		"$python" -m pyright --pythonpath "$python" . "$work/venv/lib"/python3*/site-packages/statusbridge/*.py)
else
	echo 'python: pyright was left out: there is no npm'
fi
start_control_plane
"$python" -m pytest -q -p no:cacheprovider "$here"
for arguments in '' asyncio hide 'asyncio hide'; do
	# shellcheck disable=SC2086 # two words
	drive "server${arguments/ /-}" "$python" "$here/server.py" $arguments
done

# The same tests with the oldest packages that the package accepts.
need "$python" -m pip install --quiet --require-hashes --only-binary :all: --requirement "$here/requirements-oldest.txt"
"$python" -m pip uninstall --quiet --yes grpcio-tools
"$python" -m pip check
"$python" -m pytest -q -p no:cacheprovider "$here"
