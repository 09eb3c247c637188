"""The interceptor of a grpc.aio.server."""

import asyncio
import inspect
from collections.abc import AsyncIterator
from typing import Any, Never

import grpc
import grpc.aio

from ._errors import Metadata
from ._failures import Observer, fitting, fitting_text, log_unexpected, merged, observe, status_of
from ._interceptor import FAILURES, Behavior, Interceptor, behavior_of, merged_initial, rewrapped


class AioContext:
    """A servicer context that collects initial metadata and keeps trailing metadata when a call is aborted."""

    def __init__(self, context: Any, *, hold: bool) -> None:
        self._context = context
        self._hold = hold
        self._initial: Metadata | None = None
        self._trailing: Metadata = ()
        self.aborted = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        self._initial = merged_initial(self._initial, initial_metadata)
        if not self._hold:
            await self.release()

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        self._trailing = tuple(trailing_metadata)
        self._context.set_trailing_metadata(self._trailing)

    async def write(self, message: Any) -> None:
        await self.release()
        await self._context.write(message)

    def set_details(self, details: str) -> None:
        self._context.set_details(fitting_text(details))

    async def abort(self, code: grpc.StatusCode, details: str = "", trailing_metadata: Metadata = ()) -> Never:
        if not self.aborted:
            self.aborted = True
            await self.release()
        status = fitting(code, details, merged(self._trailing, trailing_metadata))
        await self._context.abort(status.code, status.details, tuple(status.trailing_metadata or ()))
        raise AssertionError("abort raises an exception")

    async def abort_with_status(self, status: grpc.Status) -> Never:
        await self.abort(status.code, status.details, tuple(status.trailing_metadata or ()))

    async def release(self) -> None:
        """Send the initial metadata that was collected."""
        initial, self._initial = self._initial, None
        if initial is not None:
            await self._context.send_initial_metadata(initial)


# Code that checks the type of its context accepts this one.
grpc.aio.ServicerContext.register(AioContext)


class AioInterceptor(grpc.aio.ServerInterceptor):
    """The Interceptor for grpc.aio.server(interceptors=[AioInterceptor()]), with the same options."""

    def __init__(self, *, observer: Observer = log_unexpected, hide_unexpected: bool = False) -> None:
        self._observer = observer
        self._hide_unexpected = hide_unexpected
        self._threads = Interceptor(observer=observer, hide_unexpected=hide_unexpected)

    async def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Wrap the handler of a call."""
        handler = await continuation(handler_call_details)
        return handler and rewrapped(handler, self._wrap(handler, handler_call_details.method))

    def _wrap(self, handler: Any, method: str) -> Behavior:
        behavior = behavior_of(handler)

        async def call(request: Any, context: Any) -> Any:
            inner = AioContext(context, hold=not handler.request_streaming)
            try:
                response = await behavior(request, inner)
            except FAILURES as error:
                await self._fail(method, error, inner)
            await inner.release()
            return response

        async def stream(request: Any, context: Any) -> AsyncIterator[Any]:
            inner = AioContext(context, hold=not handler.request_streaming)
            try:
                async for response in behavior(request, inner):
                    await inner.release()
                    yield response
            except FAILURES as error:
                await self._fail(method, error, inner)
            await inner.release()

        if inspect.isasyncgenfunction(behavior):
            return stream
        if inspect.iscoroutinefunction(behavior):
            return call
        # grpc.aio runs a method that is not async in a thread.
        return self._threads.wrap(handler, method)

    async def _fail(self, method: str, error: BaseException, context: AioContext) -> Never:
        if context.aborted or isinstance(error, grpc.aio.BaseError) or _is_cancelled():
            raise error
        observe(self._observer, method, error)
        await context.abort_with_status(status_of(error, hide_unexpected=self._hide_unexpected))


def _is_cancelled() -> bool:
    """Report whether the call itself was cancelled, and not a task for which the servicer waited."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
