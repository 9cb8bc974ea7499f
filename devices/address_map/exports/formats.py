"""Which exports there are, what a browser calls each, and who makes it. The one list for command line and REST."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from devices.address_map import openplc
from devices.address_map.address import AddressMap
from devices.address_map.exports import (
    codesys,
    fuxa,
    node_red,
    node_red_wires,
    people,
    siemens,
    tables,
    telegraf,
    uaexpert,
)
from devices.address_map.exports.site import Site

TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file. `binary` ones are bytes."""

    suffix: str
    media_type: str
    make: Callable[[AddressMap, Site], str | bytes]
    binary: bool = False


def _openplc(addresses: AddressMap, site: Site) -> str:
    return openplc.openplc(addresses, site.host, site.modbus_port, stations=site.stations, supervisory=site.packml)


def _sheet(addresses: AddressMap, site: Site) -> bytes:
    from devices.address_map.exports.sheet import sheet  # reportlab: slow to import, and few want a sheet

    return sheet(addresses, site)


FORMATS: Mapping[str, Format] = {
    "json": Format("json", JSON, lambda addresses, _: tables.json(addresses)),
    "csv": Format("csv", "text/csv; charset=utf-8", lambda addresses, _: tables.csv(addresses)),
    "people": Format("md", "text/markdown; charset=utf-8", people.people),
    "openplc": Format("st", TEXT, _openplc),
    "factoryio": Format("csv", "text/csv; charset=utf-8", lambda addresses, _: tables.factoryio(addresses)),
    "codesys": Format("xml", "application/xml", codesys.plcopen_xml),
    "codesys-st": Format("st", TEXT, codesys.global_variables),
    "siemens": Format("sdf", TEXT, siemens.tag_table),
    "siemens-scl": Format("scl", TEXT, siemens.requests),
    "uaexpert": Format("txt", TEXT, uaexpert.page),
    "node-red": Format("json", JSON, node_red.mqtt),
    "node-red-modbus": Format("json", JSON, node_red_wires.modbus),
    "node-red-opcua": Format("json", JSON, node_red_wires.opcua),
    "telegraf": Format("conf", TEXT, telegraf.telegraf),
    "fuxa": Format("json", JSON, fuxa.devices),
    "pdf": Format("pdf", "application/pdf", _sheet, binary=True),
}


def make(name: str, addresses: AddressMap, site: Site) -> str | bytes:
    """The file of one format. Raises `AddressError` with words where a map cannot be had in it."""
    return FORMATS[name].make(addresses, site)
