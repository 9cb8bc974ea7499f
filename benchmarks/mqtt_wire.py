"""MQTT: how soon a command shows in the state of the following tag, and one hop through the broker.

`infeed/part_available/set` is commanded, `machining/upstream_part_available` follows at the same simulated instant and
is published at the wire's own interval; the reply comes at once. The hop, a message from one client to another on a
free topic, is measured on LineLab's own broker and on mosquitto with the same client; fan-out to many subscribers as
messages per CPU second of the broker in `mqtt_fan_out`.
"""

import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import mqtt_fan_out
from benchmarks.figures import Figure, latencies, ratio
from benchmarks.lab import HOST, Lab, free_ports, lab, server
from devices.mqtt.codec import Decoder
from devices.mqtt.frames import frame
from devices.mqtt.packets import ConnAck, Connect, Publish, SubAck, Subscribe

ROUNDS, COMMANDS, HOPS = 3, 60, 400
LINE = "linelab/smart-factory"
FREE = "lab/benchmark"


class Mqtt:
    """A client that blocks on its socket; the project's codec, for both brokers."""

    def __init__(self, port: int, user: str | None = None, password: str | None = None) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=5)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._decoder = Decoder(1 << 20)
        secret = None if password is None else password.encode()
        self._socket.sendall(frame(Connect("", user=user, password=secret)))
        answer = self.take()
        if not isinstance(answer, ConnAck) or answer.code:
            raise RuntimeError(f"the broker says {answer}")
        self._waiting: list[object] = []

    def close(self) -> None:
        self._socket.close()

    def take(self) -> object:
        """The next packet."""
        packets: list[object] = []
        while not packets:
            data = self._socket.recv(65536)
            if not data:
                raise ConnectionError("the broker hung up")
            packets.extend(self._decoder.feed(data))
        self._waiting = packets[1:]
        return packets[0]

    def next(self) -> object:
        return self._waiting.pop(0) if self._waiting else self.take()

    def subscribe(self, topic: str) -> None:
        self._socket.sendall(frame(Subscribe(1, ((topic, 0),))))
        while not isinstance(self.next(), SubAck):
            pass

    def publish(self, topic: str, payload: bytes) -> None:
        self._socket.sendall(frame(Publish(topic, payload)))

    def until(self, wanted: Callable[[Publish], bool]) -> None:
        while True:
            packet = self.next()
            if isinstance(packet, Publish) and wanted(packet):
                return


def measure() -> list[Figure]:
    replied: list[float] = []
    shown: list[float] = []
    ours: list[float] = []
    peer: list[float] = []
    with lab() as running, mosquitto() as port:
        running.key("infeed", "mqtt")
        for _ in range(ROUNDS):  # interleaved: a busy machine is busy for both
            _commands(running, replied, shown)
            _hops(running.ports.mqtt, ours, "trainee", running.token())
            if port:
                _hops(port, peer)
    figures = [
        *latencies("command -> reply", replied),
        *latencies("command -> state of the following tag", shown, "published every 50 ms"),
        *latencies("one hop through the broker of the bench", ours, "QoS 0"),
    ]
    if not peer:
        return [*figures, Figure("mosquitto", 0, "", "missing: apt-get install mosquitto")]
    hop = ratio("one hop, LineLab / mosquitto", ours, peer, "below 1: LineLab is sooner")
    return [*figures, *latencies("mosquitto, one hop", peer, "QoS 0"), hop, *mqtt_fan_out.measure()]


@contextmanager
def mosquitto() -> Iterator[int]:
    """The port of a mosquitto that runs for a while, 0 where there is none to run."""
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        yield 0
        return
    port = free_ports(1).mqtt
    with tempfile.TemporaryDirectory(prefix="linelab-bench-") as folder:
        config = Path(folder) / "mosquitto.conf"
        config.write_text(f"listener {port} {HOST}\nallow_anonymous true\nset_tcp_nodelay true\n")
        with server(program, "-c", str(config), port=port):
            yield port


def _commands(running: Lab, replied: list[float], shown: list[float]) -> None:
    client = Mqtt(running.ports.mqtt, "trainee", running.token())
    command, state = f"{LINE}/infeed/part_available/set", f"{LINE}/machining/upstream_part_available"
    client.subscribe(f"{command}/reply")
    client.subscribe(state)
    client.publish(command, b"false")
    client.until(lambda message: message.topic == f"{command}/reply")
    time.sleep(0.2)
    for n in range(COMMANDS):
        time.sleep(0.06 + (n * 37 % 50) / 1000)
        on = n % 2 == 0
        wanted = b'"value":true' if on else b'"value":false'
        begin = time.perf_counter()
        client.publish(command, b"true" if on else b"false")
        client.until(lambda message: message.topic.endswith("/reply"))
        replied.append(time.perf_counter() - begin)
        client.until(lambda message, wanted=wanted: message.topic == state and wanted in _dense(message.payload))  # type: ignore[misc]
        shown.append(time.perf_counter() - begin)
    client.close()


def _dense(payload: bytes) -> bytes:
    return payload.replace(b" ", b"")


def _hops(port: int, took: list[float], user: str | None = None, password: str | None = None) -> None:
    sender, receiver = (Mqtt(port, user, password) for _ in range(2))
    receiver.subscribe(FREE)
    for n in range(HOPS):
        payload = b"%064d" % n
        begin = time.perf_counter()
        sender.publish(FREE, payload)
        receiver.until(lambda message, payload=payload: message.payload == payload)  # type: ignore[misc]
        took.append(time.perf_counter() - begin)
    sender.close()
    receiver.close()
