"""Where a bench answers, who reads the export, and what the other side has to set: poll time, time-outs, start order.

No password is ever in an export: the token is shown by `linelab up` and on the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from devices.endpoint import Wire
from sim.text import Text

POLL_MS = 100
TIMEOUT_MS = 1000
RETRIES = 2
PUBLISHING_MS = 100
SAMPLING_MS = 50
KEEP_ALIVE_S = 60
USER = "trainee"
LANGUAGES = ("en", "zh")
_NOTHING = Text("", "")


@dataclass(frozen=True, slots=True)
class Site:
    """One bench as its tools reach it."""

    host: str = "127.0.0.1"
    modbus_port: int = 5020
    opcua_port: int = 4840
    mqtt_port: int = 1883
    mqtt_host: str = ""  # of an external broker
    bench: int = 1
    language: str = "en"
    title: Text = _NOTHING
    titles: tuple[tuple[str, Text], ...] = ()  # of stations
    stations: tuple[str, ...] | None = None  # only these, for the formats of PLCs
    packml: bool = False  # states and commands too, for OpenPLC

    @property
    def opcua_url(self) -> str:
        return f"opc.tcp://{self._bracketed(self.host)}:{self.opcua_port}/"

    @property
    def broker(self) -> str:
        return self._bracketed(self.mqtt_host or self.host)

    @property
    def modbus_host(self) -> str:
        return self._bracketed(self.host)

    def say(self, text: Text) -> str:
        return text.zh if self.language == "zh" else text.en

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host


_OF_WIRE: dict[Wire, tuple[Text, ...]] = {
    Wire.MODBUS: (
        Text(
            f"Modbus：轮询时间 {POLL_MS} ms（低于 10 ms 没有意义），超时 {TIMEOUT_MS} ms，重试 {RETRIES} 次",
            f"Modbus: poll time {POLL_MS} ms (nothing is gained below 10 ms), time-out {TIMEOUT_MS} ms, "
            f"{RETRIES} more tries",
        ),
        Text(
            "Modbus：每台 PLC 保持一个连接；站号任意；地址从 0 开始，40001 即保持寄存器 0",
            "Modbus: one connection for each PLC, kept open; any unit id; addresses from 0, 40001 is register 0",
        ),
    ),
    Wire.OPCUA: (
        Text(
            f"OPC UA：发布间隔 {PUBLISHING_MS} ms，采样间隔 {SAMPLING_MS} ms，请求超时 5 s，会话超时 60 s",
            f"OPC UA: publishing interval {PUBLISHING_MS} ms, sampling interval {SAMPLING_MS} ms, "
            "request time-out 5 s, session time-out 60 s",
        ),
    ),
    Wire.MQTT: (
        Text(
            f"MQTT：状态保留，变化时发布，最快 50 ms 一次；心跳 {KEEP_ALIVE_S} s；不要保留命令",
            f"MQTT: states are retained and come when they change, every 50 ms at most; keep alive {KEEP_ALIVE_S} s; "
            "commands are never retained",
        ),
    ),
}


def advice(site: Site, wires: Sequence[Wire]) -> list[str]:
    """What the tool's side needs, in the language of the site, one line each."""
    texts = [text for wire in wires for text in _OF_WIRE[wire]]
    if wires == (Wire.MODBUS,):
        order = Text(
            "启动顺序：先后不限；先连接，再运行程序，最后把工位钥匙开关转到 modbus，再用解除保持（Unhold）使工位运行",
            "Start order: any; connect, run your program, turn the key switch of the station to modbus last, "
            "then Unhold, as it is Held",
        )
    else:
        order = Text(
            "启动顺序：先后不限；先连接，最后把工位钥匙开关转到您的协议，再用解除保持（Unhold）使工位运行；断线后自行重连",
            "Start order: any; connect, turn the key switch of the station to your wire last, then Unhold; "
            "reconnect by yourself after a break",
        )
    return [site.say(text) for text in (*texts, order)]
