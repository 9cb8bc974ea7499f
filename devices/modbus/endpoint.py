"""The Modbus endpoint of one bench: listens, admits, hands sessions out. Translates nothing itself.

Ways in: Modbus TCP; RTU frames over TCP, as gateways send them; RTU on a serial line or a pseudo-terminal.

Own listener and connections: pymodbus' server drops segments of more than 264 bytes, answers one of several pipelined
requests, listens again by itself and keeps the last server in a class attribute (docs/decisions/modbus-endpoint.md).
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from devices.address_map import AddressMap, WordOrder
from devices.dice import Dice
from devices.endpoint import Client, LineView, Link, Role, Wire
from devices.link_watch import LinkWatch
from devices.modbus.access import Access
from devices.modbus.connection import Connection
from devices.modbus.diagnosis import ClientDiagnosis, diagnose
from devices.modbus.frames import Framing, TcpFraming
from devices.modbus.functions import Session
from devices.modbus.guests import GuestBook
from devices.modbus.identity import Identity
from devices.modbus.image import RegisterImage
from devices.modbus.record import Records
from devices.modbus.rtu import RtuFraming
from devices.modbus.scanner import Scanner
from devices.modbus.serial_line import SerialLine
from devices.port import Port
from devices.serial_settings import SerialSettings

log = logging.getLogger(__name__)

MOST_CLIENTS = 64
TCP, RTU_OVER_TCP, SERIAL = "TCP", "RTU over TCP", "serial"


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways in beside Modbus TCP."""

    rtu_port: int | None = None  # RTU frames over TCP; 0 takes a free port
    serial: SerialSettings | None = None


class Door:
    """One way in: what its connections report to. The desk of `Connection`."""

    def __init__(self, endpoint: "ModbusEndpoint", way: str) -> None:
        self._endpoint, self.way = endpoint, way

    def admit(self, connection: Connection, peer: str) -> Session | None:
        return self._endpoint.admit(connection, peer, self.way)

    def garbage(self, connection: Connection, peer: str, why: str) -> None:
        self._endpoint.garbage(peer, why, self.way)

    def left(self, connection: Connection, session: Session) -> None:
        self._endpoint.left(connection, session)

    @property
    def link(self) -> Link:
        return self._endpoint.link

    @property
    def dice(self) -> Dice:
        return self._endpoint.dice


class ModbusEndpoint:
    """Implements `devices.endpoint.Endpoint`. `allow` adds networks to loopback; port 0 takes a free one."""

    def __init__(
        self,
        view: LineView,
        address_map: AddressMap,
        host: str = "127.0.0.1",
        port: int = 5020,
        *,
        word_order: str | None = None,
        allow: Sequence[str] = (),
        identity: Identity | None = None,
        most_clients: int = MOST_CLIENTS,
        ways: Ways | None = None,
    ) -> None:
        self._view = view
        self._addresses = address_map
        self._image = RegisterImage(view, address_map, WordOrder(word_order or address_map.word_order))
        self._host, self._port = host, port
        self._access = Access(allow)
        self._identity = (identity or _identity(view)).objects()
        self._most_clients = most_clients
        self._ways = ways or Ways()
        self._ports: dict[str, Port] = {}
        self._line: SerialLine | None = None
        self._open = False
        self._watch = LinkWatch(self.link, self)
        self._scanner = Scanner(self.link, self._open_scan, self._close_scan)
        self._watch.also.append(self._scanner.look)
        self._came = 0  # connections so far
        self._connections: dict[Connection, str] = {}  # and the way it came
        self._records = Records()
        self._watch.also.append(GuestBook(view, address_map, self._records).look)
        self._nobody = asyncio.Event()
        self._nobody.set()

    # ---- what others see ----------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"modbus://{self._at(TCP)}"

    @property
    def further_ways(self) -> Mapping[str, str]:
        """Further ways in: name, address."""
        found = {}
        if RTU_OVER_TCP in self._ports:
            found[RTU_OVER_TCP] = f"rtu+tcp://{self._at(RTU_OVER_TCP)}"
        if self._line is not None and self._ways.serial is not None:
            serial = self._ways.serial
            found[SERIAL] = f"rtu:{serial.link or self._line.path}?unit={serial.unit}&baud={serial.baud}"
        return found

    @property
    def more_urls(self) -> tuple[str, ...]:
        return tuple(self.further_ways.values())

    @property
    def clients(self) -> int:
        return len(self._connections)

    @property
    def link(self) -> Link:
        return self._view.link(Wire.MODBUS)

    @property
    def dice(self) -> Dice:
        return self._watch.dice

    def diagnosis(self) -> list[ClientDiagnosis]:
        """Of each client that is connected: what it asked, and what is wrong with that."""
        return diagnose(self._records, self._addresses, self._view)

    # ---- life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Listen, or raise `OSError` that names the port or the serial line."""
        self._open = True
        try:
            await self._listen(TCP, self._port, TcpFraming)
            if self._ways.rtu_port is not None:
                await self._listen(RTU_OVER_TCP, self._ways.rtu_port, RtuFraming)
            if self._ways.serial is not None:
                self._attach(self._ways.serial)
        except OSError:
            await self._close()
            raise
        self._watch.start()
        log.info("listening on %s", ", ".join([self.url, *self.further_ways.values()]))

    async def _listen(self, way: str, port: int, framing: Callable[[], Framing]) -> None:
        door = Door(self, way)
        entrance = Port(lambda: Connection(door, framing()))
        try:
            await entrance.listen(self._host, port)
            self._ports[way] = entrance
        except OSError as error:
            raise OSError(error.errno, f"Modbus {way} port {port} on {self._host}: {error.strerror}") from error

    def _attach(self, settings: SerialSettings) -> None:
        connection = Connection(Door(self, SERIAL), RtuFraming(settings.unit), settings.byte_s)
        try:
            self._line = SerialLine(asyncio.get_running_loop(), connection, settings)
        except OSError as error:
            raise OSError(error.errno, f"Modbus serial line {settings.device}: {error.strerror or error}") from error
        self._line.start()

    async def stop(self) -> None:
        """Free the ports and end every client. May be called twice."""
        if self._ports:
            await self._close()
            log.info("stopped")

    async def _close(self) -> None:
        self._open = False
        await self._watch.stop()
        self._scanner.leave()
        ports, self._ports = list(self._ports.values()), {}
        self.cut()
        if self._line is not None:
            self._line.abort()
            self._line = None
        for port in ports:
            await port.close()
        await self._nobody.wait()

    # ---- what the link does -----------------------------------------------------------------------------------

    @property
    def ports(self) -> Sequence[Port]:
        return tuple(self._ports.values())

    def cut(self) -> None:
        """End all connections. A serial line has none: it stays, deaf."""
        for connection, way in tuple(self._connections.items()):
            if way != SERIAL:
                connection.abort()

    def hush(self, silent: bool) -> None:
        """After silence all is answered."""
        for connection in () if silent else tuple(self._connections):
            connection.look()

    def forget(self) -> None:
        """Nothing outlives a connection."""

    def _open_scan(self, peer: str) -> Session:
        return self._session(peer, TCP)

    def _close_scan(self, session: Session) -> None:
        self._records.closed(session.client)
        self._view.closed(session.client)

    # ---- clients ----------------------------------------------------------------------------------------------

    def admit(self, connection: Connection, peer: str, way: str) -> Session | None:
        if not self._open or (way != SERIAL and (self._watch.closed or not self._admits(peer))):
            return None
        self._connections[connection] = way
        self._nobody.clear()
        return self._session(peer, way)

    def _session(self, peer: str, way: str) -> Session:
        # the key must not return after a restart: a checkpoint may name a client as the owner of a station
        client = Client(Wire.MODBUS, f"modbus-{secrets.token_hex(8)}", peer, Role.TRAINEE)
        log.info("%s connected", peer)
        record = self._records.opened(client, way, self._view.clock.monotonic())
        self._came += 1
        return Session(self._view, self._image, client, self._identity, record, second=self._came % 2 == 0)

    def _admits(self, peer: str) -> bool:
        if not self._access.admits(peer.rpartition(":")[0].strip("[]")):
            self._turn_away(peer, "address not allowed")
            return False
        why = self._watch.turns_away(len(self._connections), self._most_clients) or (
            "busy" if self._watch.busy else None
        )
        if why is not None:
            self._turn_away(peer, why)
        return why is None

    def garbage(self, peer: str, why: str, way: str) -> None:
        log.info("%s, %s: %s", peer, way, why)
        self._view.reject(Wire.MODBUS, peer, why)

    def left(self, connection: Connection, session: Session) -> None:
        self._connections.pop(connection, None)
        self._records.closed(session.client)
        if not self._connections:
            self._nobody.set()
        log.info("%s gone", session.client.name)
        self._view.closed(session.client)

    def _turn_away(self, peer: str, why: str) -> None:
        log.info("%s turned away: %s", peer, why)
        self._view.reject(Wire.MODBUS, peer, why)

    def _at(self, way: str) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        port = self._ports[way].number if way in self._ports else self._port
        return f"{host}:{port}"


def _identity(view: LineView) -> Identity:
    try:
        revision = version("linelab")
    except PackageNotFoundError:  # run from a checkout that is not installed
        revision = "0"
    return Identity(product=view.line, revision=revision, model=f"bench {view.bench}")
