"""Holds the package against gen/vectors.json, which the Go packages wrote."""

import copy
import itertools
import json
import os
import pickle
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

import statusbridge
from statusbridge import StatusError
from statusbridge.v1.statusbridge_pb2 import Error

with open(os.environ["VECTORS"], encoding="utf-8") as file:
    VECTORS: dict[str, list[dict[str, Any]]] = json.load(file)


def text(value: Any) -> str:
    return value if isinstance(value, str) else value["repeat"] * value["times"] + value["end"]


def detail_of(status: grpc.Status) -> Error | None:
    metadata = dict(status.trailing_metadata or ())
    if not metadata:
        return None
    trailer = metadata["grpc-status-details-bin"]
    assert isinstance(trailer, bytes)
    carried = status_pb2.Status.FromString(trailer)
    assert carried.code == status.code.value[0]
    assert carried.message == status.details
    (packed,) = carried.details
    detail = Error()
    assert packed.Unpack(detail)
    return detail


def test_grpc_code() -> None:
    for vector in VECTORS["grpcCode"]:
        assert statusbridge.grpc_code(vector["httpStatus"]).value[0] == vector["grpcCode"], vector
    assert len(VECTORS["grpcCode"]) > 600


def test_http_status() -> None:
    for vector in VECTORS["httpStatus"]:
        assert statusbridge.http_status(vector["grpcCode"]) == vector["httpStatus"], vector
    for code in grpc.StatusCode:
        assert statusbridge.http_status(code) == statusbridge.http_status(code.value[0])


def test_meaning() -> None:
    for vector in VECTORS["meaning"]:
        assert statusbridge.meaning(vector["httpStatus"]) == vector["meaning"], vector


@pytest.mark.parametrize("status", [-(2**100), 2**100, 10**300])
def test_an_int_has_no_bounds(status: int) -> None:
    assert statusbridge.grpc_code(status) is grpc.StatusCode.UNKNOWN
    assert statusbridge.http_status(status) == 500


def test_error() -> None:
    for vector in VECTORS["error"]:
        error = StatusError(vector["httpStatus"], text(vector["message"]), details=text(vector["details"]))
        built = error.grpc_status()
        assert built.code.value[0] == vector["grpcCode"], vector
        assert built.details == text(vector["grpcMessage"]), vector
        want = vector["detail"]
        assert detail_of(built) == (
            want and Error(code=want["code"], message=text(want["message"]), details=text(want["details"]))
        ), vector


def test_error_with_details() -> None:
    for vector in VECTORS["withDetails"]:
        messages: list[Message] = []
        if vector["localized"]:
            messages.append(error_details_pb2.LocalizedMessage(message=text(vector["localized"])))
        if vector["debug"]:
            messages.append(error_details_pb2.DebugInfo(detail=text(vector["debug"])))
        built = StatusError(
            vector["httpStatus"],
            text(vector["message"]),
            details=text(vector["details"]),
            violations={f"field{i}": text(vector["violation"]) for i in range(vector["violations"])},
            retry_after=vector["retryAfter"] or None,
            messages=messages,
        ).grpc_status()
        assert (built.code.value[0], built.details) == (vector["grpcCode"], text(vector["grpcMessage"])), vector
        trailer: Any = dict(built.trailing_metadata or ())["grpc-status-details-bin"]
        status = status_pb2.Status.FromString(trailer)
        own = [detail for detail in status.details if detail.TypeName() == "statusbridge.v1.Error"]
        want = vector["own"]
        expected = want and Error(code=want["code"], message=text(want["message"]), details=text(want["details"]))
        assert [Error.FromString(detail.value) for detail in own] == ([expected] if expected else []), vector
        assert [detail.TypeName() for detail in status.details if detail not in own] == vector["foreign"], vector


def test_texts_that_are_not_unicode() -> None:
    built = StatusError(502, "a \ud83d b", details="\udcff").grpc_status()
    detail = detail_of(built)
    assert detail is not None
    assert (built.details, detail.message, detail.details) == ("a \ufffd b", "a \ufffd b", "\ufffd")


def test_copies() -> None:
    class NameTakenError(StatusError):
        def __init__(self, name: str) -> None:
            super().__init__(409, f"{name} is taken", violations={"name": "is taken"}, retry_after=7)
            self.name = name

    error = NameTakenError("a")
    copied = copy.copy(error)
    assert (copied.name, copied.grpc_status()) == ("a", error.grpc_status())
    plain = pickle.loads(pickle.dumps(StatusError(502, "broken", details="pool: a", messages=[Error(code=7)])))
    assert str(plain) == "502 broken (pool: a)"
    assert plain.messages == (Error(code=7),)


def test_arguments_of_another_type() -> None:
    message: Any = ValueError("no such pool")
    assert StatusError(400, message).message == "no such pool"
    status: Any
    for status in "404", 404.0, None:
        with pytest.raises(TypeError, match="integer"):
            StatusError(status, "gone")
    for delay in float("nan"), float("inf"), -1, 10**400:
        assert StatusError(503, "busy", retry_after=delay).retry_after is None


def test_none_is_empty() -> None:
    built = StatusError(
        409, None, details=None, violations=None, retry_after=None, challenge=None, messages=None
    ).grpc_status()
    assert (built.details, built.trailing_metadata) == (statusbridge.meaning(409), ())


@pytest.mark.parametrize("vector", VECTORS["response"], ids=lambda vector: vector["name"])
def test_from_response(vector: dict[str, Any]) -> None:
    body = text(vector["body"]) + " " * vector["spaces"]
    for sent in body, body.encode():
        error = statusbridge.from_response(vector["status"], vector["headers"], sent)
        assert error is not None
        got = {
            "httpStatus": error.http_status,
            "grpcCode": error.code.value[0],
            "message": error.message,
            "details": error.details,
            "retryAfter": -1 if error.retry_after is None else error.retry_after,
        }
        assert got == {key: vector[key] for key in got}
        note = "".join(getattr(error, "__notes__", []))
        assert vector["logged"] in note
        assert bool(note) is bool(vector["logged"])


def test_from_response_is_total() -> None:
    deep = "[" * 100_000
    bodies = b"", None, "\ud800", b"\xff", deep, "null", "[]", '{"error":{"details":[[],{},1]}}', '{"code":1e999}'
    kinds = "", "application/json", "application/problem+json", "text/html; charset", ";;;", "\0"
    for status, body, kind in itertools.product((-1, 0, 100, 302, 404, 503, 700, 10**30), bodies, kinds):
        error = statusbridge.from_response(status, {"content-type": kind, "Retry-After": "soon"}, body)
        assert error is not None
        assert error.grpc_status().code is not grpc.StatusCode.OK
    headers: Any
    for headers in [(b"Retry-After", b"7")], {"Retry-After": 7}, [("Retry-After", None), ("retry-after", "7")]:
        error = statusbridge.from_response(503, headers)
        assert error is not None
        assert error.retry_after == (None if ("Retry-After", None) in headers else 7)
    assert statusbridge.from_response(204) is None
