"""Certificates of a bench: its own, whom it trusts, whom it has turned away. Knows no protocol.

Both wires that have TLS-like security take theirs from here:

    store = CertificateStore(folder, clock, Identity("LineLab bench 1", "urn:linelab:bench:1"))
    certificate, key = store.own_certificate()  # PEM files, made at the first call
"""

from devices.certificates.check import Verdict
from devices.certificates.identity import Identity
from devices.certificates.store import CertificateStore, OwnCertificate, Shelf, Shown, ShownList

__all__ = ["CertificateStore", "Identity", "OwnCertificate", "Shelf", "Shown", "ShownList", "Verdict"]
