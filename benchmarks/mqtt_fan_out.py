"""MQTT at fan-out: messages delivered per CPU second of the broker, LineLab's own and mosquitto, in one run.

One publisher, many subscribers, 64 bytes, as many messages under way as `window` says: 50 is a plant that changes
quickly, 1 is the worst case for a broker that batches. The clients are the same for both brokers and do nothing but
count bytes. CPU is user plus system time of the broker's process, from its own account at the operating system.

`python -m benchmarks.mqtt_fan_out PORT` serves a bare broker of LineLab: no line, no log-in.
"""

import asyncio
import itertools
import selectors
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.figures import Figure, percentile, ratio, spread
from benchmarks.lab import HOST, free_ports, server
from devices.endpoint import Client, Role, Wire
from devices.mqtt.broker import Broker
from devices.mqtt.codec import Decoder
from devices.mqtt.frames import frame, publish_frame
from devices.mqtt.packets import V5, V311, Code, Connect, Publish, Subscribe
from devices.mqtt.server import MqttServer

SUBSCRIBERS, ROUND_S, ROUNDS = 40, 0.7, 5
WINDOWS = (50, 10, 1)
TOPIC, PAYLOAD = "lab/benchmark", bytes(64)


class OpenRules:
    """Everybody may do everything."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        return Client(Wire.MQTT, f"mqtt-{next(self._numbers)}", connect.client_id, Role.TRAINEE)

    def may_subscribe(self, client: Client, pattern: str) -> bool:
        return True

    def may_read(self, client: Client, topic: str) -> bool:
        return True

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        return (message,)

    def left(self, client: Client) -> None: ...

    def reject(self, peer: str, why: str) -> None: ...


class WellLink:
    """A link without faults."""

    delay_s = loss = duplicate = 0.0
    down = silent = stale = False
    seed = 1


async def serve(port: int) -> None:
    await MqttServer(Broker(OpenRules()), WellLink()).start(HOST, port)
    await asyncio.Event().wait()


@dataclass
class Load:
    """Sockets of one publisher and of the subscribers of one broker."""

    port: int
    level: int = V311
    qos: int = 0

    def __post_init__(self) -> None:
        self.sender = self._connect()
        self.receivers = [self._connect() for _ in range(SUBSCRIBERS)]
        for receiver in self.receivers:
            receiver.sendall(frame(Subscribe(1, ((TOPIC, self.qos),)), self.level))
            receiver.recv(4096)
        self._selector = selectors.DefaultSelector()
        for receiver in self.receivers:
            receiver.setblocking(False)
            self._selector.register(receiver, selectors.EVENT_READ)
        self._buffer = bytearray(1 << 18)
        packed = b"\0" if self.level != V311 else b""
        self._frame = publish_frame(TOPIC, PAYLOAD, properties=packed)

    def _connect(self) -> socket.socket:
        connection = socket.create_connection((HOST, self.port), timeout=5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(frame(Connect("", level=self.level)))
        answer = connection.recv(4096)
        list(Decoder(level=self.level).feed(answer))
        return connection

    def run(self, window: int, seconds: float) -> int:
        """Publish for so long with so many messages under way; how many were delivered."""
        block, size = self._frame * window, len(self._frame)
        delivered, end = 0, time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.sender.sendall(block)
            wanted = len(block) * SUBSCRIBERS
            while wanted > 0:
                for key, _ in self._selector.select(5):
                    wanted -= key.fileobj.recv_into(self._buffer)  # type: ignore[union-attr]
            delivered += window * SUBSCRIBERS
        if delivered * size == 0:
            raise RuntimeError("nothing was delivered")
        return delivered

    def close(self) -> None:
        self._selector.close()
        for connection in (self.sender, *self.receivers):
            connection.close()


def rate(port: int, pid: int, window: int, level: int = V311, seconds: float = ROUND_S) -> float:
    """Messages delivered per CPU second of the broker in one round."""
    broker = psutil.Process(pid)
    with closing(Load(port, level)) as load:
        load.run(window, seconds / 5)
        before = broker.cpu_times()
        delivered = load.run(window, seconds)
        after = broker.cpu_times()
    return delivered / max(after.user + after.system - before.user - before.system, 0.01)


def measure() -> list[Figure]:
    """Both brokers, rounds of each in turn: a busy machine is busy for both."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        return [Figure("mosquitto", 0, "", "missing: apt-get install mosquitto")]
    ours, peer = free_ports(1).mqtt, free_ports(1).modbus
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="linelab-bench-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {peer} {HOST}\nallow_anonymous true\nset_tcp_nodelay true\n")
        with (
            server(sys.executable, "-m", "benchmarks.mqtt_fan_out", str(ours), port=ours) as own_pid,
            server(program, "-c", str(config), port=peer) as peer_pid,
        ):
            for window, level in itertools.product(WINDOWS, (V311, V5)):
                pairs = [
                    (rate(ours, own_pid, window, level), rate(peer, peer_pid, window, level)) for _ in range(ROUNDS)
                ]
                figures += _figures(window, level, [own for own, _ in pairs], [other for _, other in pairs])
    return figures


def _figures(window: int, level: int, own: Sequence[float], other: Sequence[float]) -> list[Figure]:
    what = f"1 to {SUBSCRIBERS}, MQTT {'3.1.1' if level == V311 else '5'}, {window} under way"
    return [
        Figure(f"{what}: LineLab", percentile(own, 0.5), "messages/CPU s", spread(own)),
        Figure(f"{what}: mosquitto", percentile(other, 0.5), "messages/CPU s", spread(other)),
        ratio(f"{what}: LineLab / mosquitto", own, other, "above 1: LineLab does more", "at least 1"),
    ]


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
