"""The certificates of a bench: where they are, under which names it is reached, what an engineer does with them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from controller.messages import LabError
from controller.settings import Settings
from devices.certificates import CertificateStore, Identity, Shelf, Shown, ShownList
from devices.certificates.identity import reachable_hosts
from devices.endpoint import Clock
from sim.state import JsonValue

FOLDER = "certificates"


def application_uri(bench: int) -> str:
    """How the servers of a bench call themselves; their certificate says the same."""
    return f"urn:linelab:bench:{bench}"


def certificate_store(settings: Settings, bench: int, clock: Clock) -> CertificateStore:
    """The folders of one bench: all its wires show one certificate and trust the same clients."""
    identity = Identity(f"LineLab bench {bench}", application_uri(bench), reachable_hosts(settings.listen))
    return CertificateStore(settings.data / FOLDER / f"bench-{bench}", clock, identity)


def driver_certificates(settings: Settings, bench: int) -> Path:
    """The folder of a bench's clients of real devices: what they show is not what the bench's servers show."""
    return settings.data / FOLDER / f"drivers-{bench}"


def row(shown: Shown) -> JsonValue:
    return {
        "shelf": shown.shelf.value,
        "thumbprint": shown.thumbprint,
        "name": shown.name,
        "uri": shown.uri,
        "issuer": shown.issuer,
        "valid_from": shown.valid_from.isoformat(),
        "valid_to": shown.valid_to.isoformat(),
        "valid": shown.valid,
    }


def list_row(shown: ShownList, now: datetime) -> JsonValue:
    """A revocation list; one that does not say when the next is due is good for ever."""
    end = shown.valid_to or datetime.max.replace(tzinfo=UTC)
    return {
        "shelf": f"{shown.shelf.value}/crl",
        "thumbprint": shown.thumbprint,
        "name": "",
        "uri": "",
        "issuer": shown.issuer,
        "valid_from": shown.valid_from.isoformat(),
        "valid_to": end.isoformat(),
        "valid": shown.valid_from <= now < end,
        "revoked": shown.revoked,
    }


def listed(store: CertificateStore, params: Mapping[str, JsonValue]) -> JsonValue:
    """Every certificate on every shelf, the bench's own first, then the revocation lists."""
    return [*(row(shown) for shown in store.shown()), *(list_row(shown, store.now) for shown in store.shown_lists())]


def move(store: CertificateStore, params: Mapping[str, JsonValue]) -> JsonValue:
    """To another shelf: trust a client, turn it away, let a person's certificate log in."""
    to = _text(params, "to")
    if to not in {shelf.value for shelf in Shelf if shelf is not Shelf.OWN}:
        raise LabError("params", {"to": to, "known": [shelf.value for shelf in Shelf if shelf is not Shelf.OWN]})
    if not store.move(_text(params, "thumbprint"), Shelf(to)):
        raise LabError("unknown", {"thumbprint": _text(params, "thumbprint")})
    return {}


def delete(store: CertificateStore, params: Mapping[str, JsonValue]) -> JsonValue:
    if not store.delete(_text(params, "thumbprint")):
        raise LabError("unknown", {"thumbprint": _text(params, "thumbprint")})
    return {}


def renew(store: CertificateStore, params: Mapping[str, JsonValue]) -> JsonValue:
    """A new certificate of the bench for the same key. Wires show it when the lab is started the next time."""
    store.renew()
    return next(row(shown) for shown in store.shown() if shown.shelf is Shelf.OWN)


def _text(params: Mapping[str, JsonValue], name: str) -> str:
    value = params.get(name)
    if not isinstance(value, str):
        raise LabError("params", {"missing": name})
    return value


WORK: Mapping[str, Callable[[CertificateStore, Mapping[str, JsonValue]], JsonValue]] = {
    "certificates": listed,
    "move_certificate": move,
    "delete_certificate": delete,
    "renew_certificate": renew,
}
