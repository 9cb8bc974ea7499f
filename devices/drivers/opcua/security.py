"""How to come into an OPC UA server: policy, mode, certificates, user; from the options of a target. Opens nothing.

The server's certificate must be among the trusted ones of the store, as ours must be among the server's. Who asks for
security gets it or no connection: there is no falling back.
"""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from asyncua import ua
from asyncua.crypto import security_policies as policies
from cryptography import x509

from devices.certificates import CertificateStore
from devices.certificates.check import Verdict
from devices.certificates.identity import Identity
from devices.drivers.reason import Lost, TargetError
from devices.drivers.target import Target
from devices.endpoint import Clock

POLICIES = {
    "Basic256Sha256": policies.SecurityPolicyBasic256Sha256,
    "Aes128_Sha256_RsaOaep": policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256_Sha256_RsaPss": policies.SecurityPolicyAes256Sha256RsaPss,
}
MODES = {
    "sign": ua.MessageSecurityMode.Sign,
    "sign-and-encrypt": ua.MessageSecurityMode.SignAndEncrypt,
}
OPTIONS = ("user", "password", "policy", "security", "certificates", "mode")
NAME, URI = "LineLab driver", "urn:linelab:driver"


@dataclass(frozen=True, slots=True)
class Entry:
    """The way in. Without `policy` the channel is plain."""

    url: str
    user: str
    password: str
    policy: type[policies.SecurityPolicy] | None
    mode: ua.MessageSecurityMode
    store: CertificateStore | None


def entry(target: Target, clock: Clock) -> Entry:
    """Read a target. Raises `TargetError`."""
    parts = urlsplit(target.url)
    if not parts.hostname:
        raise TargetError(f"{target.url}: names no host; opc.tcp://192.168.0.1:4840 does")
    place = f"{f'[{parts.hostname}]' if ':' in parts.hostname else parts.hostname}:{target.port(4840)}"
    policy = _policy(target)
    mode = target.option("security", "sign-and-encrypt")
    if mode not in MODES:
        raise TargetError(f"{_shown(target)}: there is no security {mode!r}; there are {', '.join(MODES)}")
    given = target.option("certificates")
    folder = Path(given) if given else target.store
    if policy is not None and folder is None:
        raise TargetError(f"{_shown(target)}: a policy needs certificates, the folder of a certificate store")
    store = None if policy is None or folder is None else CertificateStore(folder, clock, Identity(NAME, URI))
    return Entry(
        urlunsplit((parts.scheme, place, parts.path, "", "")),
        target.option("user", unquote(parts.username or "")),
        target.option("password", unquote(parts.password or "")),
        policy,
        MODES[mode],
        store,
    )


def _policy(target: Target) -> type[policies.SecurityPolicy] | None:
    name = target.option("policy", "none")
    if name.lower() == "none":
        return None
    if name not in POLICIES:
        raise TargetError(f"{_shown(target)}: there is no policy {name!r}; there are none, {', '.join(POLICIES)}")
    return POLICIES[name]


def _shown(target: Target) -> str:
    """The URL without what is secret."""
    return f"{target.scheme}://{target.host}"


def judge(store: CertificateStore, certificate: x509.Certificate) -> None:
    """Raises `Lost` unless the server's certificate is trusted."""
    verdict = store.judge(certificate)
    if verdict is Verdict.GOOD:
        return
    shelf = store.folder / "rejected" / "certs"
    hint = f"; if it is the device's, move it from {shelf} to trusted/certs" if verdict is Verdict.UNTRUSTED else ""
    raise Lost(f"the server's certificate is not accepted: {verdict}{hint}")
