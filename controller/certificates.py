"""Where the certificates of a bench are, and the names under which it is reached. Reads none of them."""

from controller.settings import Settings
from devices.certificates import CertificateStore, Identity
from devices.certificates.identity import reachable_hosts
from devices.endpoint import Clock

FOLDER = "certificates"


def application_uri(bench: int) -> str:
    """How the servers of a bench call themselves; their certificate says the same."""
    return f"urn:linelab:bench:{bench}"


def certificate_store(settings: Settings, bench: int, clock: Clock) -> CertificateStore:
    """The folders of one bench: all its wires show one certificate and trust the same clients."""
    identity = Identity(f"LineLab bench {bench}", application_uri(bench), reachable_hosts(settings.listen))
    return CertificateStore(settings.data / FOLDER / f"bench-{bench}", clock, identity)
