"""The channel: calls in both directions over one connection, nested strictly last in, first out."""

from __future__ import annotations

import contextvars
import logging
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from sidecar.bridge import guard, messages
from sidecar.bridge.cancel import CancelToken
from sidecar.bridge.codec import Packer, Unpacker, unchanged
from sidecar.bridge.context import Call, CallContext, Handler, enter
from sidecar.bridge.errors import (
    ChannelPoisoned,
    ConnectionLost,
    DepthExceeded,
    FrameTooLarge,
    HandleExpired,
    MethodNotFound,
    ProtocolError,
    RemoteError,
    Unserialisable,
    WrongThread,
)
from sidecar.bridge.frames import MAX_FRAME_TO_PHP, FrameStream
from sidecar.bridge.handles import HandleTable
from sidecar.bridge.large import LargeValues
from sidecar.bridge.messages import Message
from sidecar.bridge.values import Handle
from sidecar.errors import Cancelled, DeadlineExceeded, SidecarError

MAX_DEPTH = 8
#: Text or bytes longer than this travel in chunks, so that a few of them still fit into one frame.
CHUNKED_FROM = 128 << 10
#: Room for the envelope of a frame.
_ENVELOPE = 1024
_TAG = b'"$'
_SAME = b'{"$s":0}'

log = logging.getLogger("datamachine.bridge")


class Channel:
    """One connection and the thread that owns it.

    The first deadline, end of file or protocol error poisons it: every pending call raises, nothing more is
    executed or answered, and :attr:`cancel` is set so that work already under way can stop.
    """

    def __init__(
        self,
        stream: socket.socket | FrameStream,
        dispatch: Handler,
        *,
        context: CallContext | None = None,
        send_limit: int = MAX_FRAME_TO_PHP,
    ) -> None:
        """``dispatch`` answers the peer's calls. ``context`` is sent with our own first call."""
        self._stream = stream if isinstance(stream, FrameStream) else FrameStream(stream)
        self._dispatch = dispatch
        self._context = CallContext()
        self._announce = context
        self._send_limit = send_limit
        self._handles = HandleTable()
        self._large = LargeValues(send_limit)
        self._packer = Packer(self._handles, self._large.offer, CHUNKED_FROM)
        self._owner: int | None = None
        self._number = 0
        self._pending: list[int] = []
        self._served: list[int] = []
        self._calls: list[Call] = []
        self._retiring = False
        self._busy = False
        self.cancel = CancelToken()
        #: The connection was poisoned because the other side is gone.
        self._lost = False
        #: False once closed; handles received outside any call are good while it is True.
        self.open = True

    # ---------------------------------------------------------------- calls we make

    def call(self, method: str, params: dict[str, Any] | None = None, timeout: float | None = None) -> Any:
        """Call the peer and wait for its value, serving what it asks meanwhile.

        ``timeout`` is in seconds and never exceeds what the call being served has left. RemoteError is the
        peer's own error and leaves the channel usable; DeadlineExceeded and ChannelPoisoned end it.
        """
        self._own()
        if self.cancel.reason is not None:
            raise self._abandoned()
        if len(self._pending) + len(self._served) >= MAX_DEPTH:
            raise DepthExceeded(f"{method} would nest deeper than {MAX_DEPTH} calls.")
        guard.run()
        deadline = self._deadline(timeout)
        mark = self._handles.mark()
        self._number = number = self._number + 1
        try:
            payload = self._request(number, method, params or {}, deadline)
            self._pending.append(number)
            try:
                self._write(payload, deadline)
                return self._await(number, params, deadline)
            finally:
                self._pending.pop()
        finally:
            self._handles.release(mark)

    def call_peer(self, method: str, params: dict[str, Any]) -> Any:
        """A handle received outside any call calls through here."""
        return self.call(method, params)

    def _deadline(self, timeout: float | None) -> float | None:
        outer = self._calls[-1].deadline if self._calls else None
        now = time.monotonic()
        if outer is not None and outer <= now:
            raise DeadlineExceeded("The call being served has used up its time.")
        if timeout is None:
            return outer
        inner = now + timeout
        return inner if outer is None or inner < outer else outer

    def _request(self, number: int, method: str, params: dict[str, Any], deadline: float | None) -> bytes:
        budget = None if deadline is None else max(0.0, deadline - time.monotonic())
        parent = self._served[-1] if self._served else None
        context, self._announce = self._announce, None
        body = self._encode(params)
        return messages.request(number, method, body, parent=parent, budget=budget, context=context)

    def _await(self, number: int, params: dict[str, Any] | None, deadline: float | None) -> Any:
        while True:
            raw = self._read(deadline)
            if raw is None:
                raise self._poisoned(ConnectionLost("The other side hung up before it answered."))
            message = self._decode(raw)
            if message.method is not None:
                if message.parent != number:
                    raise self._poisoned(
                        ProtocolError("A nested call names another parent than the pending call.")
                    )
                self._serve_one(message, raw)
                continue
            if message.id != number:
                raise self._poisoned(
                    ProtocolError(f"An answer to call {message.id} while {number} is pending.")
                )
            if message.error is not None:
                error = message.error
                raise RemoteError(
                    error.data.code, error.message, _mapping(self._unpack(error.data.data, raw))
                )
            result = message.result
            if type(result) is dict and result.get("$s") == 0:
                return _first_argument(params)
            return self._unpack(result, raw)

    # ---------------------------------------------------------------- calls we serve

    def serve(self) -> None:
        """Answer calls until the peer hangs up, the channel is poisoned, or it is retired."""
        self._own()
        try:
            while not self.retired():
                raw = self._read(None)
                if raw is None:
                    break
                self._busy = True
                if self.retired():
                    break
                message = self._decode(raw)
                if message.method is None or message.parent is not None:
                    raise self._poisoned(
                        ProtocolError("An answer or a nested call where a call was expected.")
                    )
                self._serve_one(message, raw)
                self._busy = False
            if self.retired():
                self._write(messages.CLOSING, time.monotonic() + 1.0)
        except (Cancelled, DeadlineExceeded, ProtocolError, FrameTooLarge) as error:
            log.info("A connection was abandoned: %s", error)
        finally:
            self.close()

    def retire(self) -> None:
        """Close as soon as no call is under way; safe from any thread.

        The peer is told, so that a call it has just sent is made again on a new connection: a retired channel
        never executes one it has not begun.
        """
        self._retiring = True
        if not self._busy:
            try:
                self._stream.sock.shutdown(socket.SHUT_RD)
            except OSError:
                pass  # it is closed already

    def retired(self) -> bool:
        """Whether :meth:`retire` was called."""
        return self._retiring

    @property
    def active(self) -> Call | None:
        """The outermost call being served now; for the watcher."""
        calls = self._calls
        try:
            return calls[0]
        except IndexError:
            return None

    @property
    def innermost(self) -> Call | None:
        """The call whose handler runs now."""
        try:
            return self._calls[-1]
        except IndexError:
            return None

    def _serve_one(self, message: Message, raw: bytes) -> None:
        method = message.method
        if method == "value.read":
            self._write_piece(message.params)
            return
        self._large.clear()
        if message.ctx is not None:
            self._context = message.ctx
        number = message.id
        if len(self._pending) + len(self._served) >= MAX_DEPTH:
            self._write(
                messages.failure(number, DepthExceeded.code, "Too many calls inside calls.", None), None
            )
            return
        deadline = None if message.budget is None else time.monotonic() + message.budget
        outer = self._calls[-1].deadline if self._calls else None
        if outer is not None and (deadline is None or outer < deadline):
            deadline = outer
        params = message.params
        if type(params) is not dict:
            raise self._poisoned(ProtocolError("The params of a call are an object."))
        call = Call(self, str(method), params, self._context, deadline)
        self._served.append(number)
        self._calls.append(call)
        try:
            payload = self._run(call, number, params, raw)
        finally:
            call.open = False
            self._calls.pop()
            self._served.pop()
        if self.cancel.reason is not None:
            raise self._abandoned()
        self._write(payload, deadline)

    def _run(self, call: Call, number: int, params: dict[str, Any], raw: bytes) -> bytes:
        try:
            if _TAG in raw:
                call.params = Unpacker(self._handles, call).unpack(params)
            result = contextvars.copy_context().run(_handle, self._answer, call)
            guard.run()
            args = call.params.get("args")
            if args and type(args) is list and result is args[0] and self._is_same(result, params, call, raw):
                return messages.answer(number, _SAME)
            return messages.answer(number, self._encode(result))
        except SidecarError as error:
            if self.cancel.reason is None:
                log.debug("%s failed: %s", call.describe(), error)
            return self._failure(number, error.code, error.message, {"status": error.status, **error.data})
        except Exception as error:  # the peer gets every failure as an answer
            log.exception("%s raised", call.describe())
            return self._failure(
                number, "internal_error", f"{type(error).__name__}: {error}", {"status": 500}
            )

    def _answer(self, call: Call) -> Any:
        if call.method == "handle.invoke":
            target = call.params.get("handle")
            if isinstance(target, Handle) or not callable(target):
                raise HandleExpired("Only a callable lent on this connection can be invoked.")
            return target(*call.params.get("args", ()))
        return self._dispatch(call)

    @staticmethod
    def _is_same(result: Any, params: dict[str, Any], call: Call, raw: bytes) -> bool:
        if type(result) in _ATOMS:
            return True
        if call.params is params:  # no tags: handler and message share one object, so read the message again
            params = messages.decode(raw).params
        return unchanged(result, params["args"][0])

    def _failure(self, number: int, code: str, message: str, data: dict[str, Any]) -> bytes:
        try:
            return messages.failure(number, code, message[:4000], self._packer.pack(data))
        except Exception:  # an error must be answered even when its data cannot be  # noqa: BLE001
            return messages.failure(number, code, ascii(message[:4000]), None)

    # ---------------------------------------------------------------- values

    def _encode(self, value: Any) -> bytes:
        try:
            body = messages.encode(self._packer.pack(value))
        except (UnicodeEncodeError, msgspec.MsgspecError, RecursionError) as error:
            raise Unserialisable(f"A value has no form on the wire: {error}.") from error
        if len(body) > self._send_limit - _ENVELOPE:
            return messages.encode(self._large.offer(body, "json"))
        return body

    def _write_piece(self, params: Any) -> None:
        try:
            piece = self._large.piece(params)
        except ProtocolError as error:
            raise self._poisoned(error) from None
        self._write(piece, None)

    def _unpack(self, wire: Any, raw: bytes) -> Any:
        if _TAG not in raw:
            return wire
        return Unpacker(self._handles, self._calls[-1] if self._calls else self).unpack(wire)

    # ---------------------------------------------------------------- the connection

    def _own(self) -> None:
        thread = threading.get_ident()
        if self._owner != thread:
            if self._owner is not None:
                raise WrongThread("A channel and its handles belong to the thread that serves it.")
            self._owner = thread

    def _read(self, deadline: float | None) -> bytes | None:
        try:
            return self._stream.read(deadline)
        except (DeadlineExceeded, ConnectionLost, FrameTooLarge, ProtocolError) as error:
            raise self._poisoned(error) from error.__cause__

    def _write(self, payload: bytes, deadline: float | None) -> None:
        try:
            self._stream.write(payload, deadline)
        except (DeadlineExceeded, ConnectionLost) as error:
            raise self._poisoned(error) from error.__cause__

    def _decode(self, raw: bytes) -> Message:
        try:
            return messages.decode(raw)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise self._poisoned(ProtocolError(f"Not a message: {error}.")) from error

    def hung_up(self) -> None:
        """The watcher saw the peer hang up: whoever works for it should stop. Safe from any thread."""
        self._lost = self._lost or self.cancel.reason is None
        self.cancel.set("the other side hung up")

    @property
    def sock(self) -> socket.socket:
        """The connection's socket."""
        return self._stream.sock

    def _abandoned(self) -> ChannelPoisoned:
        """What is raised on a connection that is poisoned; ConnectionLost when the other side is gone."""
        kind = ConnectionLost if self._lost else ChannelPoisoned
        return kind(f"The connection is abandoned: {self.cancel.reason}.")

    def _poisoned(self, error: SidecarError) -> SidecarError:
        """Poison the connection because of ``error`` and hand it back to be raised."""
        self._lost = self._lost or (self.cancel.reason is None and isinstance(error, ConnectionLost))
        self.cancel.set(error.message.rstrip("."))
        try:
            self._stream.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the other side was faster
        return error

    def close(self) -> None:
        """Hang up. Whatever the peer still does for us is cancelled."""
        self.open = False
        self.cancel.set("the connection is closed")
        self._stream.sock.close()


_ATOMS = frozenset({str, int, float, bool, type(None), bytes})


def _handle(answer: Handler, call: Call) -> Any:
    enter(call)
    return answer(call)


def _mapping(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None if value is None else {"value": value}


def _first_argument(params: dict[str, Any] | None) -> Any:
    args = (params or {}).get("args")
    if not args:
        raise ProtocolError("An answer says 'same' to a call without arguments.")
    return args[0]


def by_method(handlers: dict[str, Handler]) -> Callable[[Call], Any]:
    """A dispatcher over a table of handlers; MethodNotFound for any other method."""

    def dispatch(call: Call) -> Any:
        handler = handlers.get(call.method)
        if handler is None:
            raise MethodNotFound(f"No handler for {call.method}.")
        return handler(call)

    return dispatch
