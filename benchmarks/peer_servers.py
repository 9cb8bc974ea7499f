"""Bare servers of the libraries that LineLab's wires stand on: `python -m benchmarks.peer_servers modbus PORT`.

They hold values and nothing else: no line, no journal, no ownership, no log-in.
"""

import asyncio
import sys
import warnings
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime

NAMESPACE = "urn:linelab:benchmark"


async def modbus(port: int) -> None:
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    device = SimDevice(
        id=0,
        simdata=(
            [SimData(0, count=256, values=False, datatype=DataType.BITS)],
            [SimData(0, count=256, values=False, datatype=DataType.BITS)],
            [SimData(0, count=256, values=0, datatype=DataType.REGISTERS)],
            [SimData(0, count=256, values=0, datatype=DataType.REGISTERS)],
        ),
    )
    await ModbusTcpServer(device, address=("127.0.0.1", port)).serve_forever()


async def opcua(port: int) -> None:
    from asyncua import ua
    from asyncua.server.server import Server

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    for n in range(100):
        node = await server.nodes.objects.add_variable(
            ua.NodeId(ua.String(f"value_{n}"), ua.Int16(index)), f"value_{n}", False
        )
        await node.set_writable()
    async with server:
        await asyncio.Event().wait()


async def changing(port: int, values: int, period_ms: int) -> None:
    """asyncua with values that change by themselves, written in the cheapest way that it documents."""
    from asyncua import ua
    from asyncua.server.server import Server

    from devices.opcua.values import stamp

    server = Server()
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    index = await server.register_namespace(NAMESPACE)
    nodes = [ua.NodeId(ua.String(f"bench.value_{n}"), ua.Int16(index)) for n in range(values)]
    for node in nodes:
        await server.nodes.objects.add_variable(node, str(node.Identifier), 0.0, ua.VariantType.Float)
    async with server:
        count = 0
        while True:
            count += 1
            now = datetime.now(UTC)
            for node in nodes:
                variant = ua.Variant(float(count), ua.VariantType.Float)
                said = ua.DataValue(variant, SourceTimestamp=stamp(now), ServerTimestamp=stamp(now))
                await server.write_attribute_value(node, said)
            await asyncio.sleep(period_ms / 1000)


async def s7(port: int) -> None:
    """python-snap7's own server; it has threads of its own."""
    from snap7.server import Server
    from snap7.type import SrvArea

    server = Server(log=False)
    server.register_area(SrvArea.DB, 1, bytearray(2048))
    server.start_to("127.0.0.1", port)
    await asyncio.Event().wait()


async def mqtt_echo(port: int) -> None:
    """A device behind the broker on this port: what `cell/set` says comes back on `cell/run`."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.on_connect = lambda *_: client.subscribe("cell/set", 1)
    client.on_message = lambda _client, _data, message: client.publish("cell/run", message.payload)
    client.connect("127.0.0.1", port)
    await asyncio.to_thread(client.loop_forever)


SERVERS: dict[str, Callable[..., Coroutine[None, None, None]]] = {
    "modbus": modbus,
    "opcua": opcua,
    "changing": changing,
    "s7": s7,
    "mqtt_echo": mqtt_echo,
}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(SERVERS[sys.argv[1]](*map(int, sys.argv[2:])))
