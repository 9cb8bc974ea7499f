"""What the broker tells of itself on `$SYS/broker/…`: names that people know from mosquitto, true figures. Sans-I/O."""

from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from devices.mqtt.broker import Broker

ROOT = "$SYS/broker"
EVERYTHING = "$SYS/#"
INTERVAL_S = 10.0


class SysTopics:
    """Which of the broker's own topics are due: those whose figure changed."""

    def __init__(self, broker: Broker, guests: Mapping[str, float] | None = None) -> None:
        self._broker = broker
        self._guests = guests if guests is not None else {}  # strangers who are connected too
        self._began_s: float | None = None
        self._told: dict[str, str] = {}

    def due(self) -> Iterator[tuple[str, bytes]]:
        """Topics and payloads, to be published retained."""
        for name, figure in self._figures():
            if self._told.get(name) != figure:
                self._told[name] = figure
                yield f"{ROOT}/{name}", figure.encode()

    def _figures(self) -> Iterator[tuple[str, str]]:
        broker, counters = self._broker, self._broker.counters
        now_s = broker.timing.time()
        if self._began_s is None:
            self._began_s = now_s
        yield "version", f"LineLab {_version()}"
        yield "uptime", f"{now_s - self._began_s:.0f} seconds"
        sessions = list(broker.sessions)
        here = sum(session.outlet is not None for session in sessions) + len(self._guests)
        stored = sum(session.stored for session in sessions)
        counters.most_clients = max(counters.most_clients, here)
        figures = {
            "clients/connected": here,
            "clients/disconnected": len(sessions) + len(self._guests) - here,
            "clients/total": len(sessions) + len(self._guests),
            "clients/maximum": counters.most_clients,
            "clients/expired": counters.sessions_expired,
            "messages/received": counters.packets,
            "publish/messages/received": counters.received,
            "publish/messages/sent": counters.sent,
            "publish/messages/dropped": counters.dropped + counters.overflowed + counters.too_large,
            "publish/messages/expired": counters.expired,
            "bytes/received": counters.bytes_received,
            "bytes/sent": counters.bytes_sent,
            "retained messages/count": len(broker.retained),
            "store/messages/count": len(broker.retained) + stored,
            "subscriptions/count": broker.routes.count + broker.routes.shared_count,
            "shared_subscriptions/count": broker.routes.shared_count,
        }
        for name, number in figures.items():
            yield name, str(number)


def _version() -> str:
    try:
        return version("linelab")
    except PackageNotFoundError:
        return "from source"
