"""WebSocket for the broker: frames off what comes in, frames around what goes out. Sans-I/O; websockets does the rest.

One path and one subprotocol, as MQTT section 6 wants it: `/mqtt`, `mqtt`. Browsers of any origin may come, since
nothing is trusted that a browser would send by itself: the log-in is MQTT's own.
"""

from http import HTTPStatus

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

PATH = "/mqtt"
_SUBPROTOCOL = Subprotocol("mqtt")


class WebSocket:
    """One client's WebSocket. Feed what comes in to `unwrap`, send what `pending` says; `over` once it is closed."""

    def __init__(self, most_bytes: int) -> None:
        self._protocol = ServerProtocol(subprotocols=[_SUBPROTOCOL], max_size=most_bytes + 16)
        self._binary = True
        self.over = False  # True where the TCP connection is to be closed

    def unwrap(self, data: bytes) -> list[bytes]:
        """The MQTT bytes in what came [MQTT-6.0.0-2]: frames and packets need not begin together."""
        self._protocol.receive_data(data)
        inside: list[bytes] = []
        for event in self._protocol.events_received():
            if isinstance(event, Request):
                self._greet(event)
            elif not isinstance(event, Frame):
                continue
            elif event.opcode is Opcode.TEXT or (event.opcode is Opcode.CONT and not self._binary):
                self._binary = False
                self._protocol.fail(1003, "MQTT is binary")  # [MQTT-6.0.0-1]
            elif event.opcode in (Opcode.BINARY, Opcode.CONT):
                inside.append(bytes(event.data))
        return inside

    def wrap(self, data: bytes) -> bytes:
        """The bytes to send for these MQTT bytes."""
        if self._protocol.state is not State.OPEN:
            return b""
        self._protocol.send_binary(data)
        return self.pending()

    def pending(self) -> bytes:
        """What is to be sent of the WebSocket's own: answers to the handshake, to pings, to a close."""
        parts = self._protocol.data_to_send()
        self.over = self.over or b"" in parts  # the library's word for the end: the closing handshake is done
        return b"".join(parts)

    def close(self) -> bytes:
        """The bytes that say goodbye."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
        return self.pending()

    def _greet(self, request: Request) -> None:
        if request.path.partition("?")[0] != PATH:
            self._protocol.send_response(self._protocol.reject(HTTPStatus.NOT_FOUND, f"MQTT is at {PATH}\n"))
            return
        if "mqtt" not in [name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")]:
            text = "the client must offer the subprotocol mqtt\n"  # [MQTT-6.0.0-3]
            self._protocol.send_response(self._protocol.reject(HTTPStatus.BAD_REQUEST, text))
            return
        self._protocol.send_response(self._protocol.accept(request))
