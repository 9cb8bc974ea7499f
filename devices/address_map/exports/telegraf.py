"""For Telegraf: its inputs modbus (by request), opcua and mqtt_consumer, as one TOML file. Knows no output."""

import json
from collections.abc import Iterator, Sequence

from devices.address_map.address import Address, AddressMap
from devices.address_map.exports.site import POLL_MS, RETRIES, TIMEOUT_MS, USER, Site, advice
from devices.address_map.exports.uaexpert import NAMESPACE
from devices.address_map.layout import Table
from devices.address_map.polls import polls
from devices.endpoint import Wire
from sim.tag import DataType
from sim.text import Text

_REGISTERS = {
    Table.COIL: "coil",
    Table.DISCRETE_INPUT: "discrete",
    Table.INPUT_REGISTER: "input",
    Table.HOLDING_REGISTER: "holding",
}
# as the 32-bit view has them
_WIDE = {
    DataType.INT: "INT32",
    DataType.DINT: "INT32",
    DataType.UINT: "UINT32",
    DataType.UDINT: "UINT32",
    DataType.REAL: "FLOAT32",
}
_CHOOSE = Text(
    "三个输入读同一条产线：留下您要用的一个，删去其余。口令由 `linelab up` 显示，放在环境变量 LINELAB_TOKEN 中。",
    "Three inputs that read the same line: keep the one you want. The token that `linelab up` prints goes into the "
    "environment variable LINELAB_TOKEN.",
)


def telegraf(addresses: AddressMap, site: Site) -> str:
    notes = [f"LineLab: {addresses.line}", site.say(_CHOOSE)]
    notes += advice(site, (Wire.MODBUS, Wire.OPCUA, Wire.MQTT))
    lines = [f"# {note}" for note in notes]
    return "\n".join([*lines, "", *_modbus(addresses, site), "", *_opcua(addresses, site), "", *_mqtt(addresses, site)])


def _text(value: object) -> str:
    # a JSON string is a basic string of TOML
    return json.dumps(value, ensure_ascii=False)


def _modbus(addresses: AddressMap, site: Site) -> Iterator[str]:
    yield "[[inputs.modbus]]"
    yield f"  name = {_text(addresses.line)}"
    yield f"  interval = {_text(f'{POLL_MS}ms')}"
    yield f"  controller = {_text(f'tcp://{site.modbus_host}:{site.modbus_port}')}"
    yield f"  timeout = {_text(f'{TIMEOUT_MS}ms')}"
    yield f"  busy_retries = {RETRIES}"
    yield '  configuration_type = "request"'
    for poll in polls(addresses):
        yield "  [[inputs.modbus.request]]"
        yield "    slave_id = 1"
        yield f"    byte_order = {_text(addresses.word_order.value)}"
        yield f"    register = {_text(_REGISTERS[poll.table])}"
        yield f"    measurement = {_text(poll.station)}"
        yield "    fields = ["
        for address in sorted(poll.addresses, key=lambda a: a.modbus.address):
            yield f"      {_field(address)},"
        yield "    ]"


def _field(address: Address) -> str:
    place, name = address.modbus, _text(address.signal)
    if place.address_32 is None:
        return f'{{ address = {place.address}, name = {name}, output = "BOOL" }}'
    return f"{{ address = {place.address_32}, name = {name}, type = {_text(_WIDE[address.type])} }}"


def _opcua(addresses: AddressMap, site: Site) -> Iterator[str]:
    yield "[[inputs.opcua]]"
    yield f"  name = {_text(addresses.line)}"
    yield f"  endpoint = {_text(site.opcua_url)}"
    yield '  connect_timeout = "10s"'
    yield '  request_timeout = "5s"'
    yield '  security_policy = "None"'
    yield '  security_mode = "None"'
    yield '  auth_method = "Anonymous"'
    yield '  timestamp = "source"'
    yield "  nodes = ["
    for address in addresses:
        identifier = address.opcua.node_id.removeprefix("s=")
        yield (
            f"    {{ name = {_text(address.name)}, namespace = {_text(str(NAMESPACE))}, "
            f'identifier_type = "s", identifier = {_text(identifier)} }},'
        )
    yield "  ]"


def _mqtt(addresses: AddressMap, site: Site) -> Iterator[str]:
    yield "[[inputs.mqtt_consumer]]"
    yield f"  servers = [{_text(f'tcp://{site.broker}:{site.mqtt_port}')}]"
    yield from _list("topics", [address.mqtt.state for address in addresses])
    yield "  qos = 0"
    yield f"  username = {_text(USER)}"
    yield '  password = "${LINELAB_TOKEN}"'
    yield '  data_format = "json"'
    yield '  json_string_fields = ["value", "quality", "unit"]'  # without its name here a BOOL is dropped
    yield '  json_time_key = "ts"'
    yield '  json_time_format = "2006-01-02T15:04:05.999Z07:00"'
    yield ""


def _list(key: str, values: Sequence[str]) -> Iterator[str]:
    yield f"  {key} = ["
    for value in values:
        yield f"    {_text(value)},"
    yield "  ]"
