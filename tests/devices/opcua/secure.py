"""A bench with certificates, and clients that have some."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from asyncua import Client, ua
from asyncua.crypto import security_policies
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from devices.certificates import CertificateStore, Identity
from devices.opcua import OpcUaEndpoint
from devices.opcua.security import Security
from tests.devices.certificates import makers
from tests.devices.fake_line import FakeLine
from tests.devices.opcua.conftest import served

APPLICATION = "urn:test:client"
POLICIES = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}


def store_of(line: FakeLine, folder: Path) -> CertificateStore:
    return CertificateStore(folder, line.clock, Identity("LineLab bench 1", "urn:linelab:bench:1"))


@asynccontextmanager
async def secured(line: FakeLine, store: CertificateStore, **options: Any) -> AsyncIterator[OpcUaEndpoint]:
    async with served(line, security=replace(Security(store), **options)) as endpoint:
        yield endpoint


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


async def dressed(
    endpoint: OpcUaEndpoint,
    folder: Path,
    certificate: x509.Certificate,
    *,
    policy: str = "Basic256Sha256",
    mode: str = "SignAndEncrypt",
    key: rsa.RSAPrivateKey | None = None,
) -> Client:
    """A client with that certificate, not connected yet."""
    cert_file, key_file = folder / "client.der", folder / "client.pem"
    cert_file.write_bytes(certificate.public_bytes(Encoding.DER))
    key_file.write_bytes(pem(key or makers.key()))
    one = Client(endpoint.url, timeout=5)
    one.application_uri = APPLICATION
    await one.set_security(POLICIES[policy], str(cert_file), str(key_file), mode=getattr(ua.MessageSecurityMode, mode))
    return one
