"""AnswerService (see answer.proto) on a free loopback port, which it prints."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent import futures
from typing import Any

import grpc
import grpc.aio

import statusbridge
from statusbridge import AioInterceptor, Interceptor, StatusError
from statusbridge.v1.statusbridge_pb2 import Error

from example_service import submit

CODES = {code.value[0]: code for code in grpc.StatusCode}

AioContext = grpc.aio.ServicerContext[Any, Any]


def answer(request: Error, context: grpc.ServicerContext) -> Error:
    match request.code:
        case 1:
            return submit(request, context)
        case code if code < 0:
            context.abort(CODES[-code], request.message)
        case code if 200 <= code <= 299:
            statusbridge.set_http_status(context, code)
            return request
    raise failure(request)


def failure(request: Error) -> Exception:
    if request.code == 0:
        return RuntimeError(request.message)
    if request.code == 2:
        return StatusError(
            400,
            request.message,
            violations={"name": "is taken", "pool": "is empty"},
            retry_after=7,
        )
    if request.code == 3:
        return StatusError(401, request.message, challenge=request.details)
    return StatusError(request.code, request.message, details=request.details)


def watch(request: Error, context: grpc.ServicerContext) -> Iterator[Error]:
    yield answer(request, context)


async def async_answer(request: Error, context: AioContext) -> Error:
    match request.code:
        case 1 if request.message:
            await statusbridge.set_http_status(context, 202)
            return request
        case 1:
            raise StatusError(400, "the workspace is not valid", violations={"pool": "is empty"})
        case code if code < 0:
            await context.abort(CODES[-code], request.message)
        case code if 200 <= code <= 299:
            await statusbridge.set_http_status(context, code)
            return request
    raise failure(request)


async def async_watch(request: Error, context: AioContext) -> AsyncIterator[Error]:
    yield await async_answer(request, context)


def handlers(unary: Any, stream: Any) -> grpc.GenericRpcHandler:
    codec: dict[str, Any] = {"request_deserializer": Error.FromString, "response_serializer": Error.SerializeToString}
    return grpc.method_handlers_generic_handler(
        "statusbridge.answer.v1.AnswerService",
        {
            "Answer": grpc.unary_unary_rpc_method_handler(unary, **codec),
            "Watch": grpc.unary_stream_rpc_method_handler(stream, **codec),
        },
    )


def serve(*, hide: bool) -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4), interceptors=[Interceptor(hide_unexpected=hide)])
    server.add_generic_rpc_handlers((handlers(answer, watch),))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    server.start()
    server.wait_for_termination()


async def async_serve(*, hide: bool) -> None:
    server = grpc.aio.server(interceptors=[AioInterceptor(hide_unexpected=hide)])
    server.add_generic_rpc_handlers((handlers(async_answer, async_watch),))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    if "asyncio" in sys.argv:
        asyncio.run(async_serve(hide="hide" in sys.argv))
    else:
        serve(hide="hide" in sys.argv)
