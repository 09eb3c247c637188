"""Errors, success statuses and metadata on a real connection, for a sync and an asyncio server."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent import futures
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import grpc
import grpc.aio
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

import statusbridge
from statusbridge import AioInterceptor, Interceptor, StatusError
from statusbridge.v1.statusbridge_pb2 import Error

from example_service import new_server, submit

SECRET = "pq: no password for 10.0.0.3"

Behave = Callable[[Any], Any]
Server = Callable[..., Any]


def generic(unary: Any, stream: Any) -> grpc.GenericRpcHandler:
    return grpc.method_handlers_generic_handler(
        "test.Test",
        {"Unary": grpc.unary_unary_rpc_method_handler(unary), "Stream": grpc.unary_stream_rpc_method_handler(stream)},
    )


def sync_handlers(behave: Behave) -> grpc.GenericRpcHandler:
    def unary(_request: bytes, context: Any) -> bytes:
        behave(context)
        return b"done"

    def stream(_request: bytes, context: Any) -> Iterator[bytes]:
        behave(context)
        yield b"done"

    return generic(unary, stream)


@contextmanager
def sync_server(behave: Behave, **options: Any) -> Iterator[grpc.Channel]:
    server = grpc.server(futures.ThreadPoolExecutor(2), interceptors=[Interceptor(**options)])
    server.add_generic_rpc_handlers((sync_handlers(behave),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        server.stop(None).wait()


@cache
def event_loop() -> asyncio.AbstractEventLoop:
    """Return the event loop of all tests. grpc.aio supports one loop in a process."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    return loop


@contextmanager
def asyncio_server(handlers: grpc.GenericRpcHandler, **options: Any) -> Iterator[grpc.Channel]:
    async def start() -> tuple[grpc.aio.Server, int]:
        pool = futures.ThreadPoolExecutor(2)
        server = grpc.aio.server(interceptors=[AioInterceptor(**options)], migration_thread_pool=pool)
        server.add_generic_rpc_handlers((handlers,))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        return server, port

    server, port = asyncio.run_coroutine_threadsafe(start(), event_loop()).result(30)
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield channel
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(None), event_loop()).result(30)


def aio_server(behave: Behave, **options: Any) -> Any:
    async def unary(_request: bytes, context: Any) -> bytes:
        result = behave(context)
        if result is not None:
            await result
        return b"done"

    async def stream(request: bytes, context: Any) -> AsyncIterator[bytes]:
        yield await unary(request, context)

    return asyncio_server(generic(unary, stream), **options)


def thread_server(behave: Behave, **options: Any) -> Any:
    """Make an asyncio server with methods that are not async."""
    return asyncio_server(sync_handlers(behave), **options)


@pytest.fixture(params=[sync_server, aio_server, thread_server], ids=["sync", "aio", "thread"])
def server(request: pytest.FixtureRequest) -> Server:
    made: Server = request.param
    return made


@pytest.fixture(params=["Unary", "Stream"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def call(channel: Any, method: str) -> tuple[grpc.StatusCode, str, Any]:
    """Return the code, the message and the call, whose metadata can be read."""
    if method == "Unary":
        try:
            done: Any = channel.unary_unary("/test.Test/Unary").with_call(b"", timeout=10)[1]
        except grpc.RpcError as failed:
            done = failed
    else:
        done = channel.unary_stream("/test.Test/Stream")(b"", timeout=10)
        with suppress(grpc.RpcError):
            list(done)
    return done.code(), done.details(), done


def raising(error: Exception) -> Behave:
    def behave(_context: Any) -> None:
        raise error

    return behave


def test_raise(server: Server, method: str) -> None:
    with server(raising(StatusError(409, "taken", violations={"name": "is taken"}, retry_after=1.5))) as channel:
        code, message, done = call(channel, method)
    assert (code, message) == (grpc.StatusCode.ABORTED, "taken")
    status = rpc_status.from_call(done)
    assert status is not None
    refused, retry = error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    assert status.details[0].Unpack(refused)
    assert (refused.field_violations[0].field, refused.field_violations[0].description) == ("name", "is taken")
    assert status.details[1].Unpack(retry)
    assert retry.retry_delay.ToMilliseconds() == 1500


def test_cause(server: Server) -> None:
    def behave(_context: Any) -> None:
        try:
            raise StatusError(404, "no workspace 1")
        except StatusError as error:
            raise RuntimeError(SECRET) from error

    with server(behave) as channel:
        assert call(channel, "Unary")[:2] == (grpc.StatusCode.NOT_FOUND, "no workspace 1")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TimeoutError(SECRET), grpc.StatusCode.DEADLINE_EXCEEDED),
        (ConnectionRefusedError(SECRET), grpc.StatusCode.UNAVAILABLE),
        (KeyError(SECRET), grpc.StatusCode.UNKNOWN),
        (grpc.RpcError(SECRET), grpc.StatusCode.UNKNOWN),
    ],
)
def test_unexpected(server: Server, method: str, error: Exception, code: grpc.StatusCode) -> None:
    seen: list[tuple[str, BaseException]] = []
    for hide in False, True:
        with server(raising(error), hide_unexpected=hide, observer=lambda *observed: seen.append(observed)) as channel:
            got, message, done = call(channel, method)
        assert got == code
        assert (SECRET in message) is not hide
        assert (message == statusbridge.meaning(statusbridge.http_status(code))) is hide
        assert SECRET not in str(done.trailing_metadata())
    assert seen == [(f"/test.Test/{method}", error)] * 2


def test_exception_group(server: Server) -> None:
    group = ExceptionGroup("two tasks failed", [ValueError(SECRET), StatusError(404, "no workspace 1")])
    with server(raising(group)) as channel:
        assert call(channel, "Unary")[:2] == (grpc.StatusCode.NOT_FOUND, "no workspace 1")


def test_task_that_was_cancelled(server: Server, method: str) -> None:
    def behave(_context: Any) -> None:
        raise asyncio.CancelledError

    with server(behave) as channel:
        assert call(channel, method)[0] is grpc.StatusCode.CANCELLED


def test_client_that_cancels() -> None:
    ended = threading.Event()
    seen: list[BaseException] = []

    async def stream(_request: bytes, _context: Any) -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"more"
                await asyncio.sleep(0.01)
        finally:
            ended.set()

    with asyncio_server(generic(stream, stream), observer=lambda _, error: seen.append(error)) as channel:
        method: Any = channel.unary_stream("/test.Test/Stream")
        responses = method(b"")
        next(responses)
        responses.cancel()
        assert ended.wait(10)
    assert seen == []


def test_observer_that_raises(server: Server) -> None:
    def observer(_method: str, _error: Exception) -> None:
        raise RuntimeError(SECRET)

    with server(raising(StatusError(404, "gone")), observer=observer) as channel:
        assert call(channel, "Unary")[:2] == (grpc.StatusCode.NOT_FOUND, "gone")


def test_status_of_another_service(server: Server, method: str) -> None:
    with sync_server(raising(StatusError(502, "the scheduler is broken"))) as channel:
        other: Any = channel

        def behave(_context: Any) -> None:
            other.unary_unary("/test.Test/Unary")(b"", timeout=10)

        with server(behave) as channel:
            code, message, done = call(channel, method)
    assert (code, message) == (grpc.StatusCode.UNAVAILABLE, "the scheduler is broken")
    assert rpc_status.from_call(done) is not None


def test_trailing_metadata_is_kept(server: Server, method: str) -> None:
    def behave(context: Any) -> None:
        context.set_trailing_metadata((("x-request-id", "7"), ("www-authenticate", "Basic")))
        raise StatusError(401, "who are you?", challenge='Bearer realm="a"', details="log in")

    with server(behave) as channel:
        _, _, done = call(channel, method)
    trailers = done.trailing_metadata()
    assert ("x-request-id", "7") in trailers
    assert [value for key, value in trailers if key == "www-authenticate"] == ['Bearer realm="a"']
    assert rpc_status.from_call(done) is not None


@pytest.mark.parametrize("server", [sync_server, aio_server], ids=["sync", "aio"])
def test_trailing_metadata_is_kept_by_abort(server: Server, method: str) -> None:
    def behave(context: Any) -> Any:
        context.set_trailing_metadata((("www-authenticate", "Basic"),))
        return context.abort_with_status(StatusError(401, "who are you?", details="log in").grpc_status())

    with server(behave) as channel:
        code, _, done = call(channel, method)
    assert code is grpc.StatusCode.UNAUTHENTICATED
    assert ("www-authenticate", "Basic") in done.trailing_metadata()
    assert rpc_status.from_call(done) is not None


def test_large_plain_status(server: Server, method: str) -> None:
    def behave(context: Any) -> Any:
        return context.abort(grpc.StatusCode.NOT_FOUND, "x" * 10_000)

    with server(behave) as channel:
        code, message, _ = call(channel, method)
    assert code is grpc.StatusCode.NOT_FOUND
    assert message.startswith("xxx")
    assert message.endswith("…")


def test_status_without_an_exception(server: Server, method: str) -> None:
    def behave(context: Any) -> None:
        context.set_code(grpc.StatusCode.NOT_FOUND)
        context.set_details("x" * 10_000)

    with server(behave) as channel:
        code, message, _ = call(channel, method)
    assert code is grpc.StatusCode.NOT_FOUND
    assert message.endswith("…")


@pytest.mark.parametrize("server", [sync_server, thread_server], ids=["sync", "thread"])
def test_success_sync(server: Server, method: str) -> None:
    def behave(context: Any) -> None:
        statusbridge.set_http_status(context, 204)
        context.send_initial_metadata((("x-own", "1"),))
        statusbridge.set_http_status(context, 202)

    with server(behave) as channel:
        assert_success(channel, method)


def test_success_aio(method: str) -> None:
    async def behave(context: Any) -> None:
        await statusbridge.set_http_status(context, 204)
        await context.send_initial_metadata((("x-own", "1"),))
        await statusbridge.set_http_status(context, 202)

    with aio_server(behave) as channel:
        assert_success(channel, method)


def assert_success(channel: grpc.Channel, method: str) -> None:
    code, _, done = call(channel, method)
    assert code is grpc.StatusCode.OK
    metadata = done.initial_metadata()
    assert [value for key, value in metadata if key == "statusbridge-http-status"] == ["202"]
    assert ("x-own", "1") in metadata


def test_not_a_success() -> None:
    context: Any = None
    for status in 0, 199, 300, 404:
        with pytest.raises(ValueError, match=str(status)):
            statusbridge.set_http_status(context, status)


def test_a_default_client_keeps_the_code(server: Server) -> None:
    error = StatusError(
        409,
        "é" * 5_000,
        violations={f"field{i}": "is not valid " * 10 for i in range(100)},
        retry_after=3,
        messages=[error_details_pb2.DebugInfo(detail="x" * 9_000)],
    )
    with server(raising(error), observer=lambda *_: None) as channel:
        for _ in range(200):
            code, message, done = call(channel, "Unary")
            assert code is grpc.StatusCode.ABORTED
            assert message.endswith("…")
            status = rpc_status.from_call(done)
            assert status is not None
            own = Error()
            assert status.details[0].Unpack(own)
            assert own.details.startswith("field0: is not valid")


def test_example() -> None:
    codec: dict[str, Any] = {"request_deserializer": Error.FromString, "response_serializer": Error.SerializeToString}
    methods = {"Submit": grpc.unary_unary_rpc_method_handler(submit, **codec)}
    server = new_server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Test", methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            method: Any = channel.unary_unary("/test.Test/Submit", request_serializer=Error.SerializeToString)
            _, accepted = method.with_call(Error(message="a"), timeout=10)
            assert ("statusbridge-http-status", "202") in accepted.initial_metadata()
            with pytest.raises(grpc.RpcError, match="the workspace is not valid"):
                method(Error(), timeout=10)
    finally:
        server.stop(None).wait()
