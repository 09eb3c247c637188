"""AnswerService (see answer.proto) on a free loopback port, which it prints."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent import futures
from typing import Any

import grpc
import grpc.aio

import statusbridge
from statusbridge.v1.statusbridge_pb2 import Error

from example import submit

CODES = {code.value[0]: code for code in grpc.StatusCode}


def answer(request: Error, context: grpc.ServicerContext) -> Error:
    match request.code:
        case 0:
            raise RuntimeError(request.message)
        case 1:
            submit(request.message, context)
        case code if code < 0:
            context.abort(CODES[-code], request.message)
        case code if 200 <= code <= 299:
            context.send_initial_metadata(statusbridge.success(code))
        case code:
            context.abort_with_status(statusbridge.error(code, request.message, request.details))
    return request


def watch(request: Error, context: grpc.ServicerContext) -> Iterator[Error]:
    yield answer(request, context)


async def async_answer(request: Error, context: grpc.aio.ServicerContext[Any, Any]) -> Error:
    match request.code:
        case 0:
            raise RuntimeError(request.message)
        case 1 if request.message:
            await context.send_initial_metadata(statusbridge.success(202))
        case 1:
            await abort(context, statusbridge.error(400, "the workspace is not valid", details="pool: is empty"))
        case code if code < 0:
            await context.abort(CODES[-code], request.message)
        case code if 200 <= code <= 299:
            await context.send_initial_metadata(statusbridge.success(code))
        case code:
            await abort(context, statusbridge.error(code, request.message, request.details))
    return request


async def abort(context: grpc.aio.ServicerContext[Any, Any], status: grpc.Status) -> None:
    # docs: abort
    await context.abort(status.code, status.details, status.trailing_metadata)
    # docs: end


async def async_watch(request: Error, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Error]:
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


def serve() -> None:
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers((handlers(answer, watch),))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    server.start()
    server.wait_for_termination()


async def async_serve() -> None:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers(async_answer, async_watch),))
    print(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}", flush=True)
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    if "asyncio" in sys.argv:
        asyncio.run(async_serve())
    else:
        serve()
