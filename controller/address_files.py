"""The address map of a bench as a file for one tool. Short ones are made at once, long ones beside the loop.

A NodeSet2 file takes seconds of work: it is made in a process of its own, so that no line waits. A page of PDF is made
in a thread.
"""

import asyncio
import base64
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from urllib.parse import urlsplit

from controller.bench import Bench
from controller.messages import LabError
from controller.settings import Settings
from controller.wires import information_model
from devices.address_map import AddressError, AddressMap, exports
from devices.address_map.exports import FORMATS, LANGUAGES, Site
from devices.endpoint import Wire
from devices.opcua import ModelSettings
from devices.opcua.nodeset import line_nodeset
from sim.definition import LineDefinition
from sim.state import JsonValue
from sim.tag import TagTable

NODESET = "nodeset"
ANY = ("0.0.0.0", "::")  # noqa: S104 - where a server listens on all its addresses, none of which it can name


async def made(
    bench: Bench,
    addresses: AddressMap,
    settings: Settings,
    asked: Mapping[str, JsonValue],
    one_at_a_time: asyncio.Lock,
) -> JsonValue:
    """The text of the file; bytes as base64. Raises `LabError`."""
    name = asked.get("format")
    if name == NODESET:
        async with one_at_a_time:
            return await _nodeset(bench, settings)
    if not isinstance(name, str) or name not in FORMATS:
        raise LabError("params", {"format": name, "known": [*FORMATS, NODESET]})
    place = site(bench, settings, asked)
    try:
        file = await asyncio.to_thread(exports.make, name, addresses, place)
    except AddressError as error:
        raise LabError("params", {"format": name, "why": str(error)}) from error
    return file if isinstance(file, str) else base64.b64encode(file).decode()


def site(bench: Bench, settings: Settings, asked: Mapping[str, JsonValue]) -> Site:
    """Where the bench answers. `host` is how the caller reached this machine."""
    language, host, stations = asked.get("lang", "en"), asked.get("host"), asked.get("stations")
    if language not in LANGUAGES:
        raise LabError("params", {"lang": language, "known": [*LANGUAGES]})
    broker = urlsplit(settings.mqtt_url) if settings.mqtt_url else None
    line = bench.run.line.definition
    return Site(
        host=host if isinstance(host, str) and settings.listen in ANY else settings.listen,
        modbus_port=settings.port(Wire.MODBUS, bench.number),
        opcua_port=settings.port(Wire.OPCUA, bench.number),
        mqtt_port=(broker.port or 1883) if broker else settings.port(Wire.MQTT, bench.number),
        mqtt_host=(broker.hostname or "") if broker else "",
        bench=bench.number,
        language=str(language),
        title=line.title,
        titles=tuple((station.name, station.title) for station in line.stations),
        stations=tuple(str(one) for one in stations) if isinstance(stations, list) and stations else None,
    )


async def _nodeset(bench: Bench, settings: Settings) -> str:
    definition = bench.run.line.definition
    work = definition, bench.view.tags, information_model(settings, definition)
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    try:
        return await asyncio.get_running_loop().run_in_executor(pool, _written, *work)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _written(definition: LineDefinition, tags: TagTable, model: ModelSettings) -> str:
    """In the other process."""
    return line_nodeset(definition, tags, model)
