"""Certificates on both sides: who is let in under which policy, and with which code everybody else is not."""

from datetime import timedelta
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.ua.uaerrors import UaStatusCodeError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from devices.certificates import CertificateStore, Shelf
from devices.endpoint import Role, Wire
from tests.devices.certificates import makers
from tests.devices.certificates.makers import NOW
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import Heard, client, node, until
from tests.devices.opcua.secure import dressed, pem, secured, store_of

TRUSTED = makers.certificate()


@pytest.fixture
def store(line: FakeLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateStore:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    one = store_of(line, tmp_path / "bench")
    one.add(Shelf.TRUSTED, TRUSTED)
    return one


async def refusal(one: Client) -> str:
    """The code with which the client is not let in."""
    with pytest.raises(UaStatusCodeError) as refused:
        async with one:
            pass
    return str(ua.StatusCode(refused.value.code).name)


@pytest.mark.parametrize("policy", ["Basic256Sha256", "Aes256Sha256RsaPss"])
@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
async def test_a_trusted_client_reads_writes_and_hears(
    line: FakeLine, store: CertificateStore, tmp_path: Path, policy: str, mode: str
) -> None:
    heard = Heard()
    async with secured(line, store) as endpoint:
        one = await dressed(endpoint, tmp_path, TRUSTED, policy=policy, mode=mode)
        one.set_user("trainee")
        one.set_password("trainee-token")
        async with one:
            where = await node(one, "sorting.belt_run")
            await (await one.create_subscription(50, heard)).subscribe_data_change(where)
            await where.write_value(True)
            await until(lambda: heard.of("sorting.belt_run")[-1:] == [True])
    assert line.requests[0][0].role is Role.TRAINEE


@pytest.mark.parametrize(
    ("certificate", "code"),
    [
        (makers.certificate("stranger"), "BadCertificateUntrusted"),
        (makers.certificate(ends=NOW - timedelta(hours=1)), "BadCertificateTimeInvalid"),
        (makers.certificate(uri="urn:test:other"), "BadCertificateUriInvalid"),
        (makers.certificate(server_only=True), "BadCertificateUseNotAllowed"),
    ],
)
async def test_a_wrong_certificate_is_named(
    line: FakeLine, store: CertificateStore, tmp_path: Path, certificate: x509.Certificate, code: str
) -> None:
    if code != "BadCertificateUntrusted":
        store.add(Shelf.TRUSTED, certificate)
    async with secured(line, store) as endpoint:
        assert await refusal(await dressed(endpoint, tmp_path, certificate)) == code
    assert [wire for wire, _, _ in line.rejects] == [Wire.OPCUA]


async def test_who_was_turned_away_is_let_in_once_a_person_trusts_him(
    line: FakeLine, store: CertificateStore, tmp_path: Path
) -> None:
    stranger = makers.certificate("stranger")
    async with secured(line, store) as endpoint:
        assert await refusal(await dressed(endpoint, tmp_path, stranger)) == "BadCertificateUntrusted"
        (rejected,) = [row for row in store.shown() if row.shelf is Shelf.REJECTED]
        store.move(rejected.thumbprint, Shelf.TRUSTED)
        async with await dressed(endpoint, tmp_path, stranger) as one:
            assert await (await node(one, "sorting.eye_1")).read_value() is False


async def test_a_key_that_is_not_the_certificates_opens_nothing(
    line: FakeLine, store: CertificateStore, tmp_path: Path
) -> None:
    async with secured(line, store) as endpoint:
        one = await dressed(endpoint, tmp_path, TRUSTED, key=makers.key(7))
        assert await refusal(one) == "BadSecurityChecksFailed"
        assert [row.shelf for row in store.shown() if row.shelf is Shelf.REJECTED] == []


async def test_without_the_plain_channel_only_discovery_is_left(line: FakeLine, store: CertificateStore) -> None:
    async with secured(line, store, plain=False) as endpoint:
        offered = await Client(endpoint.url).connect_and_get_server_endpoints()
        assert ua.MessageSecurityMode.None_ not in {one.SecurityMode for one in offered}
        assert len(offered) == 4
        one = Client(endpoint.url, timeout=5)
        with pytest.raises(Exception, match=r"None|matching|Insufficient"):
            await one.connect()


async def test_the_plain_channel_is_refused_also_to_who_does_not_ask_what_is_offered(
    line: FakeLine, store: CertificateStore
) -> None:
    async with secured(line, store, plain=False) as endpoint:
        one = Client(endpoint.url, timeout=5)
        await one.connect_socket()
        await one.send_hello()
        await one.open_secure_channel()
        request = ua.CreateSessionParameters(SessionName="x", RequestedSessionTimeout=1000)
        with pytest.raises(UaStatusCodeError) as refused:
            await one.uaclient.create_session(request)
        assert refused.value.code == ua.StatusCodes.BadSecurityModeInsufficient
        await one.close_secure_channel()
        one.disconnect_socket()


async def test_nobody_is_anonymous_where_that_is_off(line: FakeLine, store: CertificateStore) -> None:
    async with secured(line, store, anonymous=False) as endpoint:
        one = Client(endpoint.url, timeout=5)
        with pytest.raises(UaStatusCodeError) as refused:
            async with one:
                pass
        assert refused.value.code == ua.StatusCodes.BadIdentityTokenRejected
        async with client(endpoint, "trainee") as two:
            assert await (await node(two, "sorting.eye_1")).read_value() is False


async def test_a_password_is_not_readable_on_the_plain_channel(line: FakeLine, store: CertificateStore) -> None:
    async with secured(line, store) as endpoint:
        one = Client(endpoint.url, timeout=5)
        plain = [e for e in await one.connect_and_get_server_endpoints() if e.SecurityMode == 1]
        (user,) = [t for t in plain[0].UserIdentityTokens if t.TokenType == ua.UserTokenType.UserName]
        assert user.SecurityPolicyUri.endswith("Basic256Sha256")
        async with client(endpoint, "trainee") as two:
            await (await node(two, "sorting.belt_run")).write_value(True)


@pytest.mark.parametrize("shelf", [Shelf.TRAINEE, Shelf.INSTRUCTOR, None])
async def test_a_certificate_is_a_log_in(
    line: FakeLine, store: CertificateStore, tmp_path: Path, shelf: Shelf | None
) -> None:
    ana = makers.certificate("ana", own=makers.key(5))
    if shelf is not None:
        store.add(shelf, ana)
    async with secured(line, store) as endpoint:
        one = await dressed(endpoint, tmp_path, TRUSTED)
        (tmp_path / "ana.der").write_bytes(ana.public_bytes(Encoding.DER))
        (tmp_path / "ana.pem").write_bytes(pem(makers.key(5)))
        await one.load_client_certificate(str(tmp_path / "ana.der"))
        await one.load_private_key(str(tmp_path / "ana.pem"))
        if shelf is None:
            assert await refusal(one) == "BadIdentityTokenRejected"
            assert [row.name for row in store.shown() if row.shelf is Shelf.REJECTED] == ["ana"]
            return
        async with one:
            await (await node(one, "sorting.belt_run")).write_value(True)
        assert line.requests[0][0].role.value == shelf.value.removeprefix("users/")


async def test_a_stolen_users_certificate_without_its_key_is_no_log_in(
    line: FakeLine, store: CertificateStore, tmp_path: Path
) -> None:
    store.add(Shelf.ENGINEER, makers.certificate("eve", own=makers.key(5)))
    eve = store.find(next(row for row in store.shown() if row.name == "eve").thumbprint)
    assert eve is not None
    async with secured(line, store) as endpoint:
        one = await dressed(endpoint, tmp_path, TRUSTED)
        (tmp_path / "eve.der").write_bytes(eve.public_bytes(Encoding.DER))
        await one.load_client_certificate(str(tmp_path / "eve.der"))
        one.user_private_key = makers.key(6)
        assert await refusal(one) == "BadUserSignatureInvalid"


async def test_a_session_is_not_taken_up_by_another_application(
    line: FakeLine, store: CertificateStore, tmp_path: Path
) -> None:
    """Who knows the token of a session needs the certificate that opened it as well."""
    async with secured(line, store) as endpoint, await dressed(endpoint, tmp_path, TRUSTED) as one:
        two = Client(endpoint.url, timeout=5)
        await two.connect_socket()
        await two.send_hello()
        await two.open_secure_channel()
        request = ua.ActivateSessionRequest()
        two.uaclient.protocol.authentication_token = one.uaclient.protocol.authentication_token  # type: ignore[union-attr]
        request.Parameters.UserIdentityToken = ua.AnonymousIdentityToken()
        with pytest.raises(UaStatusCodeError) as refused:
            await two.uaclient.protocol.send_request(request)  # type: ignore[union-attr]
        assert refused.value.code == ua.StatusCodes.BadSecurityChecksFailed
        await two.close_secure_channel()
        two.disconnect_socket()
        assert await (await node(one, "sorting.eye_1")).read_value() is False
