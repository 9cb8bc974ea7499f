"""The certificate that a server shows now: its own, or another one while a link fault says so. Knows no connection.

Channels that are open keep what they were opened with; whoever opens one, or asks for the endpoints, gets the present
one. Making a key takes some tenths of a second and is done in a thread.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from asyncua import ua
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from devices.certificates.make import EARLIER, private_key, self_signed
from devices.endpoint import Link
from devices.opcua.security import Own, Security
from devices.tasks import begin

EXPIRED_FOR = timedelta(days=1)


class Presented:
    """`look` makes true what the link's state says; `show` hands the server what it shows from then on."""

    def __init__(self, link: Link, security: Security, own: Own, show: Callable[[Own], None]) -> None:
        self._link, self._security, self._own, self._show = link, security, own, show
        self._kind = ""
        self._working: asyncio.Task[None] | None = None

    def look(self, _now_s: float = 0.0) -> None:
        kind = self._link.state.certificate
        if self._own.key is None or kind == self._kind or (self._working is not None and not self._working.done()):
            return
        self._kind = kind
        self._working = begin(self._change(kind), "another certificate")

    async def stop(self) -> None:
        if self._working is not None:
            await asyncio.wait([self._working])

    async def _change(self, kind: str) -> None:
        self._show(await asyncio.to_thread(self._made, kind) if kind else self._own)

    def _made(self, kind: str) -> Own:
        key = self._own.key if kind == "expired" else private_key()
        if key is None:
            return self._own
        return Own(self._certificate(key, expired=kind == "expired"), key)

    def _certificate(self, key: rsa.RSAPrivateKey, *, expired: bool) -> x509.Certificate:
        store = self._security.certificates
        if store is None:
            raise TypeError("a certificate without a store")
        if not expired:
            return self_signed(store.identity, key, store.now)
        # valid for a day before it ended
        return self_signed(store.identity, key, store.now - EXPIRED_FOR - EARLIER, timedelta(days=1))


def show_in(endpoints: list[ua.EndpointDescription], own: Own) -> None:
    """GetEndpoints tells this certificate from now on."""
    for one in endpoints:
        one.ServerCertificate = own.der
