"""Compiles a proto of a user against the installed package, and imports the result."""

import importlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import statusbridge
from statusbridge.v1 import statusbridge_pb2 as pb

USER = Path(__file__).parent.parent / "user"


def test_user_proto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("grpc_tools", reason="grpcio-tools is not among the oldest packages")
    installed = Path(statusbridge.__file__).parent.parent
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{USER}", f"-I{installed}", f"--python_out={tmp_path}"]
    subprocess.run([*command, "user.proto"], check=True, env={**os.environ})
    monkeypatch.syspath_prepend(str(tmp_path))
    method = importlib.import_module("user_pb2").DESCRIPTOR.services_by_name["Workspaces"].methods_by_name["Suspend"]
    success: Any = pb.success
    errors: Any = pb.errors
    assert method.GetOptions().Extensions[success] == pb.HTTP_STATUS_ACCEPTED
    assert list(method.GetOptions().Extensions[errors]) == [pb.HTTP_STATUS_NOT_FOUND, pb.HTTP_STATUS_CONFLICT]
