"""Bare servers of the libraries that LineLab's wires stand on: `python -m benchmarks.peer_servers modbus|opcua PORT`.

They hold values and nothing else: no line, no journal, no ownership, no log-in.
"""

import asyncio
import sys
import warnings

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


SERVERS = {"modbus": modbus, "opcua": opcua}

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    asyncio.run(SERVERS[sys.argv[1]](int(sys.argv[2])))
