"""The certificates of one bench on disk, in the folders that OPC UA tools know. Knows no protocol.

    own/certs, own/private              the bench's own: `.der` for clients to trust, `.pem` for programs
    trusted/certs, trusted/crl          who may connect: certificates, or authorities with their revocation lists
    issuer/certs, issuer/crl            authorities that complete a chain and are not trusted by themselves
    rejected/certs                      who was turned away, newest first, at most `MAX_REJECTED`
    users/<role>/certs                  whose certificate is a log-in, and in which role

Files may be put there by hand at any time: each check reads the folders.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from devices.certificates.check import Known, Verdict, check, in_time, thumbprint
from devices.certificates.identity import Identity
from devices.certificates.make import VALID, private_key, self_signed
from devices.endpoint import Clock, Role

MAX_REJECTED = 50  # strangers fill no disk
MAX_FILE = 64 * 1024  # bytes of a certificate or list that is read
RENEW_BEFORE = timedelta(days=60)
FILE = "linelab"
T = TypeVar("T", x509.Certificate, x509.CertificateRevocationList)


class OwnCertificate(NamedTuple):
    """PEM files; the key is readable by its owner alone."""

    certificate: Path
    key: Path


class Shelf(StrEnum):
    """Where a certificate can be; all but OWN can be moved between."""

    OWN = "own"
    TRUSTED = "trusted"
    ISSUER = "issuer"
    REJECTED = "rejected"
    TRAINEE = "users/trainee"
    INSTRUCTOR = "users/instructor"
    ENGINEER = "users/engineer"


LISTS = (Shelf.TRUSTED, Shelf.ISSUER)  # shelves that hold revocation lists as well
USERS: dict[Shelf, Role] = {
    Shelf.TRAINEE: Role.TRAINEE,
    Shelf.INSTRUCTOR: Role.INSTRUCTOR,
    Shelf.ENGINEER: Role.ENGINEER,
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A certificate as a page lists it."""

    shelf: Shelf
    thumbprint: str
    name: str
    uri: str
    issuer: str
    valid_from: datetime
    valid_to: datetime
    valid: bool  # in time


@dataclass(frozen=True, slots=True)
class ShownList:
    """A list of certificates that their authority has revoked, as a page shows it."""

    shelf: Shelf
    thumbprint: str
    issuer: str
    valid_from: datetime
    valid_to: datetime | None  # when the next one is due; None: it does not say
    revoked: int


class CertificateStore:
    """Reads and writes the folders; holds nothing in memory but its own certificate."""

    def __init__(self, folder: Path, clock: Clock, identity: Identity) -> None:
        self.folder, self.identity, self._clock = folder, identity, clock

    @property
    def now(self) -> datetime:
        """UTC by which validity is judged."""
        return self._clock.utc()

    # ---- its own

    def own_certificate(self) -> OwnCertificate:
        """The bench's certificate and key, made at the first call. Some tenths of a second then: call it in a thread.

        Raises `OSError` where the folder cannot be written, `ValueError` for files that are none.
        """
        own = self._own()
        if own.certificate.exists() and own.key.exists():
            self.certificate()
            return own
        return self.renew()

    def renew(self, valid: timedelta = VALID) -> OwnCertificate:
        """A new certificate for the same names; the key stays, so that what was recorded stays readable."""
        own = self._own()
        key = self._key() if own.key.exists() else private_key()
        certificate = self_signed(self.identity, key, self._clock.utc(), valid)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        own.key.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(own.key, secret, 0o600)
        self._own_folder.mkdir(parents=True, exist_ok=True)
        _write(own.certificate, certificate.public_bytes(Encoding.PEM))
        _write(own.certificate.with_suffix(".der"), certificate.public_bytes(Encoding.DER))
        return own

    @property
    def _own_folder(self) -> Path:
        return self.folder / "own" / "certs"

    def _own(self) -> OwnCertificate:
        return OwnCertificate(self._own_folder / f"{FILE}.pem", self.folder / "own" / "private" / f"{FILE}.pem")

    def certificate(self) -> x509.Certificate:
        path = self._own().certificate
        try:
            return x509.load_pem_x509_certificate(path.read_bytes())
        except ValueError as error:
            raise ValueError(f"{path} is not a certificate; move it away to have a new one made") from error

    def _key(self) -> rsa.RSAPrivateKey:
        path = self._own().key
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except ValueError as error:
            raise ValueError(f"{path} is not a key; move it away to have a new one made") from error
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError(f"{path} is not an RSA key; move it away to have a new one made")
        return key

    def key(self) -> rsa.RSAPrivateKey:
        return self._key()

    def due(self, within: timedelta = RENEW_BEFORE) -> bool:
        """The own certificate ends within this time."""
        return self.certificate().not_valid_after_utc - self._clock.utc() < within

    def ending(self, within: timedelta) -> list[Shown]:
        """What ends within this time, or has ended, and is in use: not what was turned away."""
        end = self._clock.utc() + within
        return [one for one in self.shown() if one.shelf is not Shelf.REJECTED and one.valid_to < end]

    # ---- others

    def judge(self, certificate: x509.Certificate, sent: Iterable[x509.Certificate] = ()) -> Verdict:
        """Whether an application may connect. One that is not trusted is kept among the rejected."""
        verdict = check(certificate, list(sent), self._known(), self._clock.utc())
        if verdict in (Verdict.UNTRUSTED, Verdict.CHAIN_INCOMPLETE):
            self.reject(certificate)
        return verdict

    def user(self, certificate: x509.Certificate) -> Role | None:
        """The role that this certificate logs in; None for a stranger's or one out of time, which is then rejected."""
        wanted = thumbprint(certificate)
        for shelf, role in USERS.items():
            if any(thumbprint(one) == wanted for one in self._read(shelf)):
                return role if in_time(certificate, self._clock.utc()) else None
        self.reject(certificate)
        return None

    def reject(self, certificate: x509.Certificate) -> None:
        """Keep it where a person finds it to trust it; the oldest make room."""
        self._put(Shelf.REJECTED, certificate)
        files = sorted(self._files(Shelf.REJECTED), key=lambda path: path.stat().st_mtime_ns)
        for path in files[:-MAX_REJECTED]:
            path.unlink(missing_ok=True)

    def add(self, shelf: Shelf, certificate: x509.Certificate) -> None:
        if shelf is Shelf.OWN:
            raise ValueError("its own certificate is made here, not given")
        self._put(shelf, certificate)

    def move(self, print_: str, to: Shelf) -> bool:
        """From wherever it is; False where no shelf holds it."""
        found = [
            (path, one)
            for shelf in Shelf
            if shelf not in (Shelf.OWN, to)
            for path, one in self._pairs(shelf)
            if thumbprint(one) == print_
        ]
        if not found or to is Shelf.OWN:
            return False
        self._put(to, found[0][1])
        for path, _ in found:
            path.unlink(missing_ok=True)
        return True

    def delete(self, print_: str) -> bool:
        """Off every shelf; the bench's own stays. False where no shelf holds it."""
        shelves = [shelf for shelf in Shelf if shelf is not Shelf.OWN]
        found = [path for shelf in shelves for path, one in self._pairs(shelf) if thumbprint(one) == print_]
        found += [path for shelf in LISTS for path, one in self._list_pairs(shelf) if list_print(one) == print_]
        for path in found:
            path.unlink(missing_ok=True)
        return bool(found)

    def shown(self) -> list[Shown]:
        """All of them, for a page."""
        now = self._clock.utc()
        return [show(shelf, one, now) for shelf in Shelf for one in self._unique(shelf)]

    def shown_lists(self) -> list[ShownList]:
        """The revocation lists, for a page."""
        return [show_list(shelf, one) for shelf in LISTS for one in self._lists(shelf)]

    def find(self, print_: str) -> x509.Certificate | None:
        return next((one for shelf in Shelf for one in self._read(shelf) if thumbprint(one) == print_), None)

    # ---- files

    def _known(self) -> Known:
        lists = [one for shelf in LISTS for one in self._lists(shelf)]
        return Known(tuple(self._read(Shelf.TRUSTED)), tuple(self._read(Shelf.ISSUER)), tuple(lists))

    def _files(self, shelf: Shelf, folder: str = "certs") -> list[Path]:
        place = self.folder / shelf.value / folder
        suffixes = (".der", ".pem", ".crt", ".cer", ".crl")
        return sorted(path for path in place.glob("*") if path.suffix.lower() in suffixes) if place.is_dir() else []

    def _pairs(self, shelf: Shelf) -> list[tuple[Path, x509.Certificate]]:
        return list(_load(self._files(shelf), x509.load_pem_x509_certificate, x509.load_der_x509_certificate))

    def _read(self, shelf: Shelf) -> list[x509.Certificate]:
        return [one for _, one in self._pairs(shelf)]

    def _unique(self, shelf: Shelf) -> list[x509.Certificate]:
        return list({thumbprint(one): one for one in self._read(shelf)}.values())

    def _lists(self, shelf: Shelf) -> list[x509.CertificateRevocationList]:
        return [one for _, one in self._list_pairs(shelf)]

    def _list_pairs(self, shelf: Shelf) -> list[tuple[Path, x509.CertificateRevocationList]]:
        return list(_load(self._files(shelf, "crl"), x509.load_pem_x509_crl, x509.load_der_x509_crl))

    def _put(self, shelf: Shelf, certificate: x509.Certificate) -> None:
        folder = self.folder / shelf.value / "certs"
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w .-]", "_", common_name(certificate))[:40].strip(" .") or "unnamed"
        path = folder / f"{name} [{thumbprint(certificate)}].der"
        _write(path, certificate.public_bytes(Encoding.DER))


def _load(files: Iterable[Path], pem: Callable[[bytes], T], der: Callable[[bytes], T]) -> Iterable[tuple[Path, T]]:
    """What can be read; a file that is none of this kind is no reason to turn everybody away."""
    for path in files:
        try:
            with path.open("rb") as file:
                content = file.read(MAX_FILE)
            yield path, (pem if content.lstrip().startswith(b"-----") else der)(content)
        except (OSError, ValueError):
            continue


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content)
    fresh.replace(path)


def common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def uris(certificate: x509.Certificate) -> list[str]:
    """The application URIs that it names."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return []
    return names.value.get_values_for_type(x509.UniformResourceIdentifier)


def show(shelf: Shelf, certificate: x509.Certificate, now: datetime) -> Shown:
    return Shown(
        shelf,
        thumbprint(certificate),
        common_name(certificate),
        ", ".join(uris(certificate)),
        certificate.issuer.rfc4514_string(),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        in_time(certificate, now),
    )


def list_print(revoked: x509.CertificateRevocationList) -> str:
    """SHA-1 of a revocation list, as of a certificate."""
    return revoked.fingerprint(hashes.SHA1()).hex()  # noqa: S303 a name, not a proof


def show_list(shelf: Shelf, revoked: x509.CertificateRevocationList) -> ShownList:
    name = revoked.issuer.rfc4514_string()
    return ShownList(
        shelf, list_print(revoked), name, revoked.last_update_utc, revoked.next_update_utc, sum(1 for _ in revoked)
    )
