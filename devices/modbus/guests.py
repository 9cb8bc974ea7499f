"""Strangers in the diagnosis: somebody else's writes as requests of his own connection. Knows no socket."""

from devices.address_map import AddressMap, Table
from devices.endpoint import Client, LineView, Role, Wire
from devices.modbus.record import Asked, Record, Records
from devices.modbus.refusals import EXCEPTIONS
from devices.strangers import Guests, StrangerWrite

WRITE_COIL, WRITE_REGISTER, UNIT = 5, 6, 1
TCP = "TCP"


class GuestBook:
    """Keeps a record for each stranger, until he has been silent for a minute."""

    def __init__(self, view: LineView, addresses: AddressMap, records: Records) -> None:
        self._view, self._records = view, records
        self._places = {address.index: address.modbus for address in addresses}
        self._guests = Guests()
        self._open: dict[str, Record] = {}
        view.strangers(Wire.MODBUS, self.hear)

    def hear(self, write: StrangerWrite) -> None:
        place, at_s = self._places.get(write.tag.index), self._view.clock.monotonic()
        if place is None:
            return
        if self._guests.heard(write.peer, at_s):
            client = Client(Wire.MODBUS, f"stranger-{write.peer}", write.peer, Role.TRAINEE)
            self._open[write.peer] = self._records.opened(client, TCP, at_s)
        function = WRITE_COIL if place.table is Table.COIL else WRITE_REGISTER
        exception = 0 if write.refusal is None else int(EXCEPTIONS[write.refusal])
        self._open[write.peer].add(Asked(at_s, UNIT, function, place.address, 1, exception, False))

    def look(self, _now_s: float) -> None:
        """Who has been silent for long has closed his connection."""
        for peer in self._guests.gone(self._view.clock.monotonic()):
            self._records.closed(self._open.pop(peer).client)
