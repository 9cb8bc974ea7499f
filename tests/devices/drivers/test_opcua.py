"""OPC UA against node-opcua with Basic256Sha256 and a password: who is trusted, what is read, written and listed."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from asyncua import ua

from controller.clock import SystemClock
from devices.certificates import CertificateStore, Identity
from devices.drivers import (
    Device,
    DeviceType,
    Group,
    Lost,
    Point,
    PointError,
    Quality,
    Raw,
    Reason,
    State,
    Target,
    TargetError,
    Timing,
    Why,
    WriteLimits,
    discover,
    make_driver,
)
from devices.drivers.opcua.nodes import heard, node_id, variant_of
from devices.drivers.opcua.security import entry
from sim.tag import DataType
from tests.devices.drivers.foreign import NodeOpcUa

T = DeviceType
TIMING = Timing(answer_s=2.0, open_s=5.0)


def point(name: str, type_: DeviceType, of_tag: DataType = DataType.REAL) -> Point:
    return Point(f"press.{name}", of_tag, f"ns=1;s=press.{name}", type_, limits=WriteLimits())


def target(port: int, folder: Path, **more: str) -> Target:
    store = {"policy": "Basic256Sha256", "certificates": str(folder), "user": "line", "password": "secret"}
    return Target(f"opc.tcp://127.0.0.1:{port}", {**store, **more})


async def test_a_server_with_certificates(tmp_path: Path) -> None:
    """One server for all of it: it takes seconds of a processor to start."""
    server, clock = NodeOpcUa(tmp_path / "node", "subscribe", secure=True), SystemClock()
    ours = tmp_path / "ours"
    await server.start()
    try:
        with pytest.raises(Lost, match=r"not accepted: untrusted.*trusted/certs"):
            await discover(target(server.port, ours), TIMING, clock)
        (ours / "trusted").mkdir(exist_ok=True)
        shutil.move(ours / "rejected" / "certs", ours / "trusted" / "certs")
        with pytest.raises(Lost, match=r"BadUserAccessDenied|BadIdentityTokenRejected"):
            await discover(target(server.port, ours, password="wrong"), TIMING, clock)
        with pytest.raises(Lost, match="offers Basic256Sha256 SignAndEncrypt"):
            await discover(target(server.port, ours, policy="Aes256_Sha256_RsaPss"), TIMING, clock)
        await _lists(target(server.port, ours))
        await _reads_and_writes(server, target(server.port, ours))
    finally:
        await server.kill()


async def _lists(secure: Target) -> None:
    found = await discover(secure, TIMING, SystemClock())
    assert found.complete
    assert "NodeOPCUA-Server" in found.identity
    rows = {one.name: one for one in found.found}
    assert (rows["press.float"].type, rows["press.float"].value, rows["press.float"].writable) == (T.REAL, 1.5, True)
    assert rows["press.fixed"].writable is False
    assert rows["press.text"].type is None
    assert rows["press.flag"].address.startswith("nsu=urn:")


async def _reads_and_writes(server: NodeOpcUa, secure: Target) -> None:
    points = (
        point("flag", T.BOOL, DataType.BOOL),
        point("int16", T.INT),
        point("double", T.LREAL),
        point("fixed", T.DINT),
        point("text", T.INT),
        point("nothing", T.INT),
    )
    clock = SystemClock()
    device = Device("press", make_driver(secure, TIMING, clock), [Group("all", 0.05, points)], clock, TIMING)
    device.start()
    try:
        await _until(lambda: device.state is State.UP)
        await _until(lambda: device.latest("press.double").quality is Quality.GOOD)  # type: ignore[union-attr]
        await _until(lambda: device.latest("press.nothing").reason.why is Why.REFUSED)  # type: ignore[union-attr]
        assert device.latest("press.text").reason.why is Why.TYPE  # type: ignore[union-attr]
        answers = await device.write_many([("press.flag", True), ("press.int16", -3), ("press.fixed", 1)])
        assert [answer and answer.why for answer in answers] == [None, None, Why.READ_ONLY]
        await _until(lambda: device.latest("press.int16").value == -3)  # type: ignore[union-attr]
        await server.process.tell("code double UncertainLastUsableValue")
        await _until(lambda: device.latest("press.double").quality is Quality.UNCERTAIN)  # type: ignore[union-attr]
        await server.process.tell("code double BadSensorFailure")
        await _until(lambda: "BadSensorFailure" in str(device.latest("press.double").reason))  # type: ignore[union-attr]
        assert server.did == [-3]
    finally:
        await device.stop()


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_addresses_by_number_and_by_name_of_the_namespace() -> None:
    spaces = ["http://opcfoundation.org/UA/", "urn:a", "urn:press;x"]
    assert node_id("t", "ns=2;s=a;b=c") == ua.NodeId("a;b=c", 2)
    assert node_id("t", "nsu=urn:a;i=7", spaces) == ua.NodeId(7, 1)
    assert node_id("t", "nsu=urn:gone;i=7", spaces) is None
    for wrong in ("", "speed", "ns=x;s=a", "nsu=urn:a", "DB1.DBW0"):
        with pytest.raises(PointError, match=r"^t: "):
            node_id("t", wrong)


def test_status_and_type_of_a_value() -> None:
    one = point("x", T.INT)
    good = ua.DataValue(ua.Variant(5, ua.VariantType.Int16))
    assert heard(one, good) == Raw(5)
    for value, why in (
        (ua.DataValue(ua.Variant(5, ua.VariantType.Int32)), Why.TYPE),
        (ua.DataValue(ua.Variant([5], ua.VariantType.Int16)), Why.TYPE),
        (ua.DataValue(ua.Variant()), Why.TYPE),
        (ua.DataValue(ua.Variant(), ua.StatusCode(ua.StatusCodes.BadWaitingForInitialData)), Why.NOT_YET),
        (ua.DataValue(ua.Variant(), ua.StatusCode(ua.StatusCodes.BadNotConnected)), Why.REFUSED),
    ):
        said = heard(one, value)
        assert isinstance(said, Reason)
        assert said.why is why


def test_values_take_the_type_of_the_node_or_none() -> None:
    assert variant_of(3, T.LREAL) == ua.Variant(3.0, ua.VariantType.Double)
    assert variant_of(3.0, T.INT) == ua.Variant(3, ua.VariantType.Int16)
    assert [variant_of(*pair) for pair in ((3.5, T.INT), (40_000, T.INT), (True, T.INT), (1, T.BOOL))] == [None] * 4


@pytest.mark.parametrize(
    ("url", "options", "words"),
    [
        ("opc.tcp://h", {"policy": "Basic128Rsa15"}, "there is no policy"),
        ("opc.tcp://h", {"policy": "Basic256Sha256"}, "needs certificates"),
        ("opc.tcp://h", {"mode": "push"}, "there is no mode"),
        ("opc.tcp://h?polcy=x", {}, "no option 'polcy'"),
        ("opc.tcp://", {}, "names no host"),
    ],
)
def test_what_a_url_does_not_say(url: str, options: dict[str, str], words: str) -> None:
    with pytest.raises(TargetError, match=words):
        make_driver(Target(url, options), TIMING, SystemClock())


def test_a_policy_takes_the_store_of_the_lab_where_no_folder_is_given(tmp_path: Path) -> None:
    asked = Target("opc.tcp://h", {"policy": "Basic256Sha256"}, tmp_path / "lab")
    given = Target("opc.tcp://h", {"policy": "Basic256Sha256", "certificates": str(tmp_path)}, tmp_path / "lab")
    stores = [entry(one, SystemClock()).store for one in (asked, given)]
    assert [store.folder for store in stores if store is not None] == [tmp_path / "lab", tmp_path]


def test_our_own_store_is_told_from_the_bench(tmp_path: Path) -> None:
    """A folder that has a certificate already keeps it, with its own URI."""
    store = CertificateStore(tmp_path, SystemClock(), Identity("x", "urn:x"))
    store.own_certificate()
    make_driver(target(1, tmp_path), TIMING, SystemClock())
    assert store.certificate().subject == store.certificate().issuer
