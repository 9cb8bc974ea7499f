"""Section 6, MQTT over WebSocket, for both versions; the client is the synchronous one of the library websockets."""

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as dial
from websockets.typing import Subprotocol

from tests.devices.mqtt.conformance.raw import connect
from tests.devices.mqtt.conformance.stage import Stage, proves


def web(stage: Stage, subprotocol: str = "mqtt") -> ClientConnection:
    url = f"ws://127.0.0.1:{stage.ws_port}/mqtt"
    return dial(url, subprotocols=[Subprotocol(subprotocol)], open_timeout=4, close_timeout=1, proxy=None)


@proves("6.0.0-4", "6.0.0-4")
def the_subprotocol_is_mqtt(stage: Stage, level: int) -> None:
    with web(stage) as client:
        assert client.subprotocol == "mqtt"


@proves("6.0.0-2", "6.0.0-2")
def packets_and_frames_need_not_begin_together(stage: Stage, level: int) -> None:
    with web(stage) as client:
        data = connect(level, stage.id()) + b"\xc0\x00\xc0\x00"
        for n in range(0, len(data), 7):
            client.send(data[n : n + 7])
        came = b""
        while not came.endswith(b"\xd0\x00\xd0\x00"):
            more = client.recv(timeout=4)
            assert isinstance(more, bytes)
            came += more
        assert came[0] == 0x20


@proves("6.0.0-1", "6.0.0-1")
def text_frames_close(stage: Stage, level: int) -> None:
    with web(stage) as client:
        client.send("hello")
        try:
            client.recv(timeout=4)
        except ConnectionClosed:
            return
        raise AssertionError("a text frame was taken")


@proves("6.0.0-3", "6.0.0-3")
def a_client_must_offer_mqtt(stage: Stage, level: int) -> None:
    try:
        web(stage, "chat").close()
    except InvalidHandshake:
        return
    raise AssertionError("another subprotocol was let in")
