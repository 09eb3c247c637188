#!/usr/bin/env bash
# Installs the Python package from the checkout into a fresh virtual environment and runs its suite.
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
"$python" -m pip install --quiet --no-build-isolation --no-deps "$root/gen/python"
"$python" -m pip check

mypy=("$python" -m mypy --config-file "$here/mypy.ini" --cache-dir "$work/mypy")
"${mypy[@]}" --package statusbridge
(cd "$here" && "${mypy[@]}" .)
start_control_plane
"$python" -m pytest -q -p no:cacheprovider "$here"
drive server "$python" "$here/server.py"
drive asyncio-server "$python" "$here/server.py" asyncio

# The same with the oldest packages that it says it runs with.
need "$python" -m pip install --quiet --require-hashes --only-binary :all: --requirement "$here/requirements-oldest.txt"
"$python" -m pip check
"$python" -m pytest -q -p no:cacheprovider "$here"
