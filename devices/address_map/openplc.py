"""The address map for an OpenPLC v3 that polls the line: its `mbconfig.cfg` and the located variables of a program.

OpenPLC polls its devices one after the other and puts all their points one behind the other, from %IX100.0, %QX100.0,
%IW100 and %QW100 on, at most `MOST_POINTS` of each. It writes a device's whole block of coils at once and drops the
connection when that is refused. So every station is a device of its own: a station under another control is then
refused by itself and the others go on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devices.address_map.address import Address, AddressMap, located
from devices.address_map.layout import BLOCK, SUPERVISORY, AddressError, Profile, Table
from devices.address_map.symbols import identifier, remark, word_type

MOST_POINTS = 400  # MAX_MB_IO in modbus_master.cpp
_KEYS = {
    Table.DISCRETE_INPUT: "Discrete_Inputs",
    Table.COIL: "Coils",
    Table.INPUT_REGISTER: "Input_Registers",
    Table.HOLDING_REGISTER: "Holding_Registers",
}


@dataclass(frozen=True, slots=True)
class Device:
    """One entry of mbconfig: the blocks of one station."""

    name: str
    base: int
    supervisory: bool

    def size(self, table: Table) -> int:
        # parameters are numbers that have a value before the program runs: OpenPLC would write zero into them
        return 0 if self.supervisory and table is Table.HOLDING_REGISTER else BLOCK


def mbconfig(
    addresses: AddressMap,
    host: str = "127.0.0.1",
    port: int = 5020,
    *,
    stations: Sequence[str] | None = None,
    supervisory: bool = False,
) -> str:
    """The text of `mbconfig.cfg`: of these stations, or all; `supervisory` adds PackML commands and status."""
    if addresses.profile is not Profile.LINELAB:
        raise AddressError("mbconfig.cfg has a device for each station: it needs the profile linelab")
    devices = _devices(addresses, stations, supervisory)
    head = [f'Num_Devices = "{len(devices)}"', 'Polling_Period = "100"', 'Timeout = "1000"']
    for number, device in enumerate(devices):
        head += ["# ------------", f"#   DEVICE {number}", "# ------------"]
        head += [f'device{number}.{key} = "{value}"' for key, value in _settings(device, host, port)]
    return "\n".join(head) + "\n"


def variables(addresses: AddressMap, *, stations: Sequence[str] | None = None, supervisory: bool = False) -> str:
    """The located variables that go with `mbconfig` of the same arguments, in Structured Text."""
    rows = []
    for address, location in _locations(addresses, _devices(addresses, stations, supervisory)):
        rows.append(f"  {identifier(address)} AT {location} : {word_type(address)}; (* {_comment(address)} *)")
    return "\n".join(["VAR", *rows, "END_VAR"]) + "\n"


def openplc(
    addresses: AddressMap,
    host: str = "127.0.0.1",
    port: int = 5020,
    *,
    stations: Sequence[str] | None = None,
    supervisory: bool = False,
) -> str:
    """Both in one text, as `linelab map --format openplc` prints them; the variables are comments to mbconfig."""
    config = mbconfig(addresses, host, port, stations=stations, supervisory=supervisory)
    listing = variables(addresses, stations=stations, supervisory=supervisory)
    return config + "#\n# Variables of a program:\n#\n" + "".join(f"# {row}\n" for row in listing.splitlines())


def _devices(addresses: AddressMap, stations: Sequence[str] | None, supervisory: bool) -> list[Device]:
    chosen = addresses.stations if stations is None else stations
    if unknown := [station for station in chosen if station not in addresses.stations]:
        raise AddressError(f"no such station: {', '.join(unknown)}")
    bases = {station: BLOCK * number for number, station in enumerate(addresses.stations)}
    devices = [Device(station, bases[station], False) for station in chosen]
    if supervisory:
        devices += [Device(f"{station}_packml", SUPERVISORY + bases[station], True) for station in chosen]
    if BLOCK * len(devices) > MOST_POINTS:
        most = MOST_POINTS // BLOCK
        raise AddressError(f"OpenPLC v3 polls {MOST_POINTS} points of a kind: name at most {most} blocks of stations")
    return devices


def _settings(device: Device, host: str, port: int) -> Iterator[tuple[str, str | int]]:
    yield from (("name", device.name), ("slave_id", 1), ("protocol", "TCP"), ("address", host), ("IP_Port", port))
    for key in ("Baud_Rate", "Parity", "Data_Bits", "Stop_Bits", "TX_Pause"):
        yield f"RTU_{key}", "None"
    for table, key in _KEYS.items():
        yield f"{key}_Start", device.base
        yield f"{key}_Size", device.size(table)
    yield from (("Holding_Registers_Read_Start", device.base), ("Holding_Registers_Read_Size", 0))


def _locations(addresses: AddressMap, devices: Sequence[Device]) -> Iterator[tuple[Address, str]]:
    """Tags with the location at which OpenPLC has them: points are counted through all devices, table by table."""
    for address in addresses:
        place = address.modbus
        before = 0
        for device in devices:
            size = device.size(place.table)
            if device.base <= place.address < device.base + size:
                yield address, located(place.table, before + place.address - device.base)
            before += size


def _comment(address: Address) -> str:
    return remark(address).replace("*)", "* )")
