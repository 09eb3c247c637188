"""The interceptor of a grpc.server."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, Never

import grpc

from ._errors import Metadata
from ._failures import Observer, fitting, fitting_text, log_unexpected, merged, observe, status_of
from ._success import STATUS_KEY

Behavior = Callable[[Any, Any], Any]

# For any other BaseException grpc sends no status at all, so a task of the servicer that was cancelled counts too.
FAILURES = (Exception, asyncio.CancelledError)


class Context:
    """A servicer context that collects initial metadata and keeps trailing metadata when a call is aborted."""

    def __init__(self, context: Any, *, hold: bool) -> None:
        self._context = context
        self._hold = hold
        self._initial: Metadata | None = None
        self._trailing: Metadata = ()
        self.aborted = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    def send_initial_metadata(self, initial_metadata: Metadata) -> None:
        self._initial = merged_initial(self._initial, initial_metadata)
        if not self._hold:
            self.release()

    def set_trailing_metadata(self, trailing_metadata: Metadata) -> None:
        self._trailing = tuple(trailing_metadata)
        self._context.set_trailing_metadata(self._trailing)

    def set_details(self, details: str) -> None:
        self._context.set_details(fitting_text(details))

    def abort(self, code: grpc.StatusCode, details: str, trailing_metadata: Metadata = ()) -> Never:
        self.aborted = True
        self.release()
        status = fitting(code, details, merged(self._trailing, trailing_metadata))
        if hasattr(self._context, "abort_with_status"):
            self._context.abort_with_status(status)
        # The context of a method that is not async, on an asyncio server.
        self._context.abort(status.code, status.details, status.trailing_metadata)
        raise AssertionError("abort raises an exception")

    def abort_with_status(self, status: grpc.Status) -> Never:
        self.abort(status.code, status.details, tuple(status.trailing_metadata or ()))

    def release(self) -> None:
        """Send the initial metadata that was collected."""
        initial, self._initial = self._initial, None
        if initial is not None:
            self._context.send_initial_metadata(initial)


# Code that checks the type of its context accepts this one.
grpc.ServicerContext.register(Context)


class Interceptor(grpc.ServerInterceptor):
    """An interceptor that sends the errors of servicers as they are meant.

    grpc.server(pool, interceptors=[Interceptor()]) makes every servicer able to raise StatusError. An exception counts
    with its __cause__, and the first one with a status is sent: a StatusError, or the grpc.RpcError of a call to
    another service. TimeoutError is sent as DEADLINE_EXCEEDED, ConnectionError as UNAVAILABLE, any other exception as
    UNKNOWN. No status has more than 4 KiB of trailers.

    The text of an unexpected exception goes to gRPC callers, so that the gateway can log it. REST clients never read
    it. hide_unexpected hides it from gRPC callers as well.

    observer is called with the method and each exception. By default, unexpected exceptions are logged.
    """

    def __init__(self, *, observer: Observer = log_unexpected, hide_unexpected: bool = False) -> None:
        self._observer = observer
        self._hide_unexpected = hide_unexpected

    def intercept_service(self, continuation: Any, handler_call_details: Any) -> Any:
        """Wrap the handler of a call."""
        handler = continuation(handler_call_details)
        return handler and rewrapped(handler, self.wrap(handler, handler_call_details.method))

    def wrap(self, handler: Any, method: str) -> Behavior:
        """Return the behavior of a handler, wrapped."""
        behavior = behavior_of(handler)

        def unary(request: Any, context: Any) -> Any:
            inner = Context(context, hold=not handler.request_streaming)
            try:
                response = behavior(request, inner)
            except FAILURES as error:
                self._fail(method, error, inner)
            inner.release()
            return response

        def stream(request: Any, context: Any) -> Iterator[Any]:
            inner = Context(context, hold=not handler.request_streaming)
            try:
                for response in behavior(request, inner):
                    inner.release()
                    yield response
            except FAILURES as error:
                self._fail(method, error, inner)
            inner.release()

        return stream if handler.response_streaming else unary

    def _fail(self, method: str, error: BaseException, context: Context) -> Never:
        if context.aborted or is_end_of_call(error):
            raise error
        observe(self._observer, method, error)
        context.abort_with_status(status_of(error, hide_unexpected=self._hide_unexpected))


def merged_initial(earlier: Metadata | None, later: Metadata) -> Metadata:
    """Add initial metadata. The last success status counts."""
    kept = tuple(earlier or ())
    if any(key == STATUS_KEY for key, _ in later):
        kept = tuple(entry for entry in kept if entry[0] != STATUS_KEY)
    return kept + tuple(later)


def is_end_of_call(error: BaseException) -> bool:
    """Report whether grpc raised the exception because the call of the servicer has ended."""
    return type(error) is grpc.RpcError and not error.args


def behavior_of(handler: Any) -> Behavior:
    """Return the function of a handler."""
    behavior: Behavior = getattr(handler, _kind(handler))
    return behavior


def rewrapped(handler: Any, behavior: Behavior) -> Any:
    """Return a handler of the same kind with another function."""
    make = getattr(grpc, f"{_kind(handler)}_rpc_method_handler")
    return make(behavior, handler.request_deserializer, handler.response_serializer)


def _kind(handler: Any) -> str:
    request = "stream" if handler.request_streaming else "unary"
    response = "stream" if handler.response_streaming else "unary"
    return f"{request}_{response}"
