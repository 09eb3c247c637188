"""Validates documents with openapi-spec-validator and generates their clients with openapi-python-client.

A document NAME.ours.json fails if it is invalid, or if its client lacks an operation. A failure of the generator counts
only if it succeeds with each NAME.*.stock.json.
"""

import contextlib
import io
import json
import pathlib
import sys
import tempfile

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_spec_validator import validate

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


def lost(path: pathlib.Path) -> str:
    """Returns what a client lacks, and an empty text if it has every operation."""
    document = json.loads(path.read_text())
    operations = sum(len(METHODS & item.keys()) for item in document["paths"].values())
    with tempfile.TemporaryDirectory() as directory:
        out = pathlib.Path(directory, "client")
        config = Config.from_sources(
            ConfigFile(post_hooks=[]), MetaType.NONE, document_source=path, file_encoding="utf-8",
            overwrite=True, output_path=out,
        )
        with contextlib.redirect_stdout(io.StringIO()):
            errors = [error for error in generate(config=config) if error.level.name == "ERROR"]
        generated = sum(1 for module in out.glob("api/**/*.py") if module.name != "__init__.py")
    if errors or generated != operations:
        return f"{generated} of {operations} operations, {errors}"
    return ""


failed = False
directory = pathlib.Path(sys.argv[1])
documents = sorted(directory.glob("*.ours.json"))
for ours in documents:
    name = ours.name.removesuffix(".ours.json")
    validate(json.loads(ours.read_text()))
    if problem := lost(ours):
        known = any(lost(stock) for stock in directory.glob(f"{name}.*.stock.json"))
        failed = failed or not known
        print(f"openapi-python-client: {name}: {problem}{' (in the stock document, too)' if known else ''}")
print(f"openapi-spec-validator and openapi-python-client: {len(documents)} documents")
sys.exit(failed)
