"""Truncated, random and replayed frames, on a bench with certificates too: a counter goes up, nobody else notices."""

import asyncio
import hashlib
import struct
from pathlib import Path

import pytest
from asyncua import Client, ua
from cryptography.hazmat.primitives.serialization import Encoding

from devices.certificates import Shelf
from devices.opcua.throttle import FREE, LONGEST_S, MAX_KNOWN, Throttle
from tests.devices.certificates import makers
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import client, node, until
from tests.devices.opcua.secure import dressed, secured, store_of
from tests.devices.opcua.test_connection import hello, sent

POLICY = b"http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"


def opening(policy: bytes, certificate: bytes, body: bytes) -> bytes:
    def text(one: bytes) -> bytes:
        return struct.pack("<i", len(one)) + one

    content = struct.pack("<I", 0) + text(policy) + text(certificate) + text(b"\0" * 20) + body
    return b"OPNF" + struct.pack("<I", 8 + len(content)) + content


@pytest.mark.parametrize("seed", range(12))
async def test_random_openings_of_a_secure_channel_harm_nobody(
    line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    noise = hashlib.shake_256(bytes([seed])).digest(1_600)
    whole = makers.certificate().public_bytes(Encoding.DER)
    certificate = [noise[: noise[0] * 3], whole[: 3 * noise[1]], whole][seed % 3]
    async with secured(line, store_of(line, tmp_path)) as endpoint, client(endpoint) as one:
        answer = await sent(endpoint, hello() + opening(POLICY, certificate, noise[800 : 800 + 3 * noise[2]]))
        assert b"ERRF" in answer
        assert len(line.rejects) == 1
        assert not [row for row in store_of(line, tmp_path).shown() if row.shelf is Shelf.REJECTED], (
            "nothing was signed"
        )
        assert await (await node(one, "sorting.eye_1")).read_value() is False


async def test_a_replayed_frame_ends_its_connection(
    line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    store = store_of(line, tmp_path / "bench")
    store.add(Shelf.TRUSTED, makers.certificate())
    trusted = store.find(next(row.thumbprint for row in store.shown() if row.shelf is Shelf.TRUSTED))
    assert trusted is not None
    frames: list[bytes] = []
    async with secured(line, store) as endpoint:
        one: Client = await dressed(endpoint, tmp_path, trusted)
        one.set_user("trainee")
        one.set_password("trainee-token")
        await one.connect()
        transport = one.uaclient.protocol.transport  # type: ignore[union-attr]
        write = transport.write

        def record(data: bytes) -> None:
            frames.append(data)
            write(data)

        monkeypatch.setattr(transport, "write", record)
        await (await node(one, "sorting.belt_speed")).write_value(ua.Variant(5.0, ua.VariantType.Float))
        write(frames[-1])
        await until(lambda: endpoint.clients == 0)
        assert len(line.requests) == 1, "the write was not done twice"
        assert "sequence" in line.rejects[-1][2]
        await one.disconnect()


async def test_a_message_without_a_channel_is_refused(line: FakeLine, tmp_path: Path) -> None:
    """asyncua takes it as one of channel 0: past every certificate."""
    body = struct.pack("<IIII", 0, 0, 1, 1) + b"\x01\x00\xcd\x01" + b"\0" * 40
    async with secured(line, store_of(line, tmp_path), plain=False) as endpoint:
        answer = await sent(endpoint, hello() + b"MSGF" + struct.pack("<I", 8 + len(body)) + body)
    assert struct.unpack_from("<I", answer, answer.index(b"ERRF") + 8)[0] == ua.StatusCodes.BadTcpSecureChannelUnknown


async def test_too_large_is_said_so(line: FakeLine, tmp_path: Path) -> None:
    async with secured(line, store_of(line, tmp_path)) as endpoint:
        answer = await sent(endpoint, hello() + b"OPNF" + struct.pack("<I", 70_000))
    assert struct.unpack_from("<I", answer, answer.index(b"ERRF") + 8)[0] == ua.StatusCodes.BadTcpMessageTooLarge


def test_wrong_passwords_wait_longer_each_time_and_are_forgotten() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0])
    for _ in range(FREE):
        throttle.failed("10.0.0.1", "trainee")
    assert throttle.delay_s("10.0.0.1", "trainee") == 0
    delays = []
    for _ in range(10):
        throttle.failed("10.0.0.1", "trainee")
        delays.append(throttle.delay_s("10.0.0.1", "trainee"))
    assert delays[:3] == [0.25, 0.5, 1.0]
    assert delays[-1] == LONGEST_S
    assert throttle.delay_s("10.0.0.2", "trainee") == 0, "of nobody else"
    now[0] = 61.0
    assert throttle.delay_s("10.0.0.1", "trainee") == 0
    for number in range(MAX_KNOWN + 10):
        throttle.failed(f"10.0.1.{number}", "x")
    assert len(throttle._failed) == MAX_KNOWN


async def test_a_right_password_after_many_wrong_ones_still_opens(line: FakeLine, tmp_path: Path) -> None:
    async with secured(line, store_of(line, tmp_path)) as endpoint:
        async with asyncio.timeout(8):
            for _ in range(FREE + 1):
                with pytest.raises(ua.UaStatusCodeError):
                    async with client(endpoint, "trainee", "wrong"):
                        pass
            async with client(endpoint, "trainee") as one:
                assert await (await node(one, "sorting.eye_1")).read_value() is False
    assert len(line.rejects) == FREE + 1
