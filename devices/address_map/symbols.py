"""Names, types and remarks of tags for the languages of PLCs (IEC 61131-3). Knows no tool."""

import re
from collections.abc import Iterable

from devices.address_map.address import Address
from devices.address_map.layout import AddressError
from sim.tag import DataType


def identifier(address: Address) -> str:
    # IEC 61131-3 allows no two underscores in a row
    return re.sub(r"[\W_]+", "_", f"{address.station}_{address.signal}", flags=re.ASCII)


def identifiers(addresses: Iterable[Address]) -> dict[str, Address]:
    """Every tag by its identifier. Raises `AddressError` where two would be called alike."""
    found: dict[str, Address] = {}
    for address in addresses:
        name = identifier(address)
        if name in found:
            raise AddressError(f"{address.name} and {found[name].name} are both {name} in a PLC: rename one")
        found[name] = address
    return found


def word_type(address: Address) -> str:
    """Of what a PLC sees of the tag: a bit, or one register."""
    if address.type is DataType.BOOL:
        return "BOOL"
    return "INT" if address.modbus.signed else "UINT"


def remark(address: Address, language: str = "en") -> str:
    """`Speed of the belt [mm/s x 10]`: what it is, its unit, and the factor of the 16-bit register."""
    scale = address.modbus.scale
    factor = f"x {scale}" if scale and scale > 1 else ""
    unit = " ".join(part for part in (address.unit, factor) if part)
    text = address.description.zh if language == "zh" else address.description.en
    return f"{text} [{unit}]" if unit else text
