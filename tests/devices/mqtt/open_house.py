"""Rules without rights, for tests of the broker itself, and a program with such a broker: PORT [WEBSOCKET PORT]."""

import asyncio
import itertools
import sys
from collections.abc import Sequence

from devices.endpoint import Client, Role, Wire
from devices.mqtt.broker import Broker
from devices.mqtt.packets import Code, Connect, Publish
from devices.mqtt.server import MqttServer
from tests.devices.fake_line import FakeLink


class OpenHouse:
    """Everybody may come, read and publish; what happens is recorded."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)
        self.rejected: list[str] = []
        self.gone: list[str] = []

    def admit(self, connect: Connect, peer: str) -> Client | Code:
        return Client(Wire.MQTT, f"mqtt-{next(self.numbers)}", connect.client_id, Role.TRAINEE)

    def may_subscribe(self, client: Client, pattern: str) -> bool:
        return True

    def may_read(self, client: Client, topic: str) -> bool:
        return True

    def arrived(self, client: Client, message: Publish) -> Sequence[Publish] | None:
        return (message,)

    def left(self, client: Client) -> None:
        self.gone.append(client.name)

    def reject(self, peer: str, why: str) -> None:
        self.rejected.append(why)


async def main(port: int, websocket_port: int | None = None) -> None:
    server = MqttServer(Broker(OpenHouse()), FakeLink())
    await server.start("127.0.0.1", port)
    if websocket_port is not None:
        await server.listen("127.0.0.1", websocket_port, websocket=True)
    print("READY", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
