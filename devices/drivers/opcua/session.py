"""One connection to an OPC UA server: channel, session and log-in, reading, writing and subscribing, and its end.

What asyncua raises becomes `Silent` or `Lost`; nothing of it is logged here, `Device` says what matters once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.attribute_ids import AttributeIds
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from devices.certificates.store import uris
from devices.drivers.cut import cut
from devices.drivers.opcua.nodes import standard
from devices.drivers.opcua.security import Entry, judge
from devices.drivers.reason import Lost, Silent

T = TypeVar("T")
GOODBYE_S = 0.5  # for the server to take leave
AT_ONCE = 1000  # nodes in a request, where the server states no limit
NO_WATCH_S = 86_400.0  # asyncua's own watching, which would read the server's state each second: `Device` watches
_LIMITS = {
    "read": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead,
    "write": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerWrite,
    "monitor": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall,
    "browse": ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerBrowse,
}


class Session:
    """Opens and closes again and again. `on_lost` is called once when the connection goes by itself."""

    def __init__(self, entry: Entry, answer_s: float) -> None:
        self._entry, self._answer_s = entry, answer_s
        self._client: Client | None = None
        self._sound = False
        self._answers = False  # the latest request was answered: it is worth taking leave
        self.on_lost: Callable[[str], None] = _nobody
        self.namespaces: list[str] = []
        self.most: dict[str, int] = {}

    async def open(self) -> None:
        """Raises `Lost`."""
        quieten()
        entry = self._entry
        client = self._client = Client(entry.url, timeout=self._answer_s, watchdog_intervall=NO_WATCH_S)
        client.name = client.description = "LineLab"
        client.product_uri = "urn:linelab"
        if entry.user:
            client.set_user(entry.user)
            client.set_password(entry.password)
        client.connection_lost_callback = self._lost
        try:
            if entry.policy is not None:
                await self._secure(client)
            await client.connect()
            self._sound = True
            await self._look_round()
        except (Silent, TimeoutError) as error:
            raise Lost("no answer in time") from error
        except (OSError, UaError) as error:
            raise Lost(_said(error)) from error

    async def close(self) -> None:
        """Take leave where somebody listens, then cut: what was not sent is dropped. Raises nothing."""
        client, self._client = self._client, None
        if client is None:
            return
        polite, self._sound = self._sound and self._answers, False
        self.on_lost = _nobody
        if polite:
            with suppress(TimeoutError, OSError, UaError):
                async with asyncio.timeout(GOODBYE_S):
                    await client.disconnect()
        protocol = client.uaclient.protocol
        if protocol is not None:
            cut(protocol.transport)
            await asyncio.sleep(0)
        with suppress(OSError, UaError, TimeoutError):
            await client.disconnect()  # there is nobody: it ends its tasks at once

    # ---- services

    async def read(self, nodes: Sequence[tuple[ua.NodeId, AttributeIds]]) -> list[ua.DataValue]:
        """Attributes, in as few requests as the server allows. Raises `Silent`, `Lost`."""
        found: list[ua.DataValue] = []
        for part in _parts(nodes, self.most.get("read", AT_ONCE)):
            asked = [ua.ReadValueId(NodeId=node, AttributeId=attribute) for node, attribute in part]
            params = ua.ReadParameters(TimestampsToReturn=ua.TimestampsToReturn.Source, NodesToRead=asked)
            found += await self._do(self._there().uaclient.read(params))
        if len(found) != len(nodes):
            raise self._broken(f"{len(found)} values for {len(nodes)} nodes")
        return found

    async def write(self, values: Sequence[tuple[ua.NodeId, ua.Variant]]) -> list[ua.StatusCode]:
        """Values alone: many servers refuse a status or a time stamp. Raises `Silent`, `Lost`."""
        codes: list[ua.StatusCode] = []
        for part in _parts(values, self.most.get("write", AT_ONCE)):
            asked = [
                ua.WriteValue(NodeId=node, AttributeId=AttributeIds.Value, Value=ua.DataValue(value, None))
                for node, value in part
            ]
            codes += await self._do(self._there().uaclient.write(ua.WriteParameters(NodesToWrite=asked)))
        if len(codes) != len(values):
            raise self._broken(f"{len(codes)} answers to {len(values)} writes")
        return codes

    async def subscribe(
        self, interval_s: float, keep_alive: int, heard: Callable[[ua.PublishResult], None]
    ) -> ua.CreateSubscriptionResult:
        """`heard` gets what is published, keep-alives too. Raises `Silent`, `Lost`."""
        params = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=interval_s * 1000,
            RequestedLifetimeCount=max(60, 20 * keep_alive),  # at least three times the keep-alive, OPC 10000-4, 5.14.2
            RequestedMaxKeepAliveCount=keep_alive,
            PublishingEnabled=True,
        )
        return await self._do(self._there().uaclient.create_subscription(params, heard))

    async def monitor(
        self, subscription: int, items: Sequence[tuple[ua.NodeId, float]]
    ) -> list[ua.MonitoredItemCreateResult]:
        """Items are node and sampling interval in seconds; client handles count from 0. Raises `Silent`, `Lost`."""
        requests = [_item(handle, node, cycle_s) for handle, (node, cycle_s) in enumerate(items)]
        results: list[ua.MonitoredItemCreateResult] = []
        for part in _parts(requests, self.most.get("monitor", AT_ONCE)):
            params = ua.CreateMonitoredItemsParameters(
                SubscriptionId=subscription, TimestampsToReturn=ua.TimestampsToReturn.Source, ItemsToCreate=list(part)
            )
            results += await self._do(self._there().uaclient.create_monitored_items(params))
        return results

    async def browse(self, nodes: Sequence[ua.NodeId]) -> list[ua.BrowseResult]:
        """What hangs below. Raises `Silent`, `Lost`."""
        asked = [
            ua.BrowseDescription(
                NodeId=node,
                BrowseDirection=ua.BrowseDirection.Forward,
                ReferenceTypeId=standard(ObjectIds.HierarchicalReferences),
                IncludeSubtypes=True,
                NodeClassMask=ua.NodeClass.Object | ua.NodeClass.Variable,
                ResultMask=ua.BrowseResultMask.All,
            )
            for node in nodes
        ]
        return await self._do(self._there().uaclient.browse(ua.BrowseParameters(NodesToBrowse=asked)))

    async def browse_next(self, points: Sequence[bytes]) -> list[ua.BrowseResult]:
        """The rest of what was too long for one answer. Raises `Silent`, `Lost`."""
        params = ua.BrowseNextParameters(ContinuationPoints=list(points))
        return await self._do(self._there().uaclient.browse_next(params))

    # ---- inside

    async def _secure(self, client: Client) -> None:
        """Judge the server's certificate, then set the policy."""
        entry = self._entry
        if entry.store is None or entry.policy is None:
            return
        try:
            own = await asyncio.to_thread(entry.store.own_certificate)
        except (OSError, ValueError) as error:
            raise Lost(f"our own certificate: {error}") from error
        client.application_uri = next(iter(uris(entry.store.certificate())), client.application_uri)
        offered = await client.connect_and_get_server_endpoints()
        wanted = [one for one in offered if (one.SecurityPolicyUri, one.SecurityMode) == (entry.policy.URI, entry.mode)]
        if not wanted:
            names = sorted({f"{one.SecurityPolicyUri.partition('#')[2]} {one.SecurityMode.name}" for one in offered})
            raise Lost(f"the server does not offer this policy and mode; it offers {', '.join(names)}")
        try:
            certificate = x509.load_der_x509_certificate(_first(wanted[0].ServerCertificate or b""))
        except ValueError as error:
            raise Lost(f"the server's certificate cannot be read: {error}") from error
        judge(entry.store, certificate)
        await client.set_security(
            entry.policy,
            own.certificate,
            own.key,
            server_certificate=certificate.public_bytes(Encoding.DER),
            mode=entry.mode,
        )

    async def _look_round(self) -> None:
        """Names of namespaces, and how much the server takes at once."""
        names = standard(ObjectIds.Server_NamespaceArray)
        rows = [(names, AttributeIds.Value)] + [(standard(number), AttributeIds.Value) for number in _LIMITS.values()]
        spaces, *limits = await self.read(rows)
        self.namespaces = [str(name) for name in (spaces.Value.Value if spaces.Value else None) or ()]
        for name, value in zip(_LIMITS, limits, strict=True):
            said = value.Value.Value if value.Value is not None else None
            self.most[name] = int(said) if isinstance(said, int) and 0 < said < AT_ONCE else AT_ONCE

    def _there(self) -> Client:
        if self._client is None or not self._sound:
            raise Lost("not connected")
        return self._client

    async def _do(self, service: Awaitable[T]) -> T:
        try:
            answer = await service
        except TimeoutError as error:
            self._answers = False  # it may still be under way: nothing must follow it
            raise Silent("no answer in time") from error
        except (OSError, UaError) as error:
            raise self._broken(_said(error)) from error
        except asyncio.CancelledError:
            self._answers = False
            raise
        self._answers = True
        return answer

    def _broken(self, why: str) -> Lost:
        self._sound = False
        return Lost(why)

    async def _lost(self, error: Exception) -> None:
        self._sound = False
        self.on_lost(_said(error))


def _item(handle: int, node: ua.NodeId, cycle_s: float) -> ua.MonitoredItemCreateRequest:
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=ua.MonitoringParameters(
            ClientHandle=handle, SamplingInterval=cycle_s * 1000, QueueSize=1, DiscardOldest=True
        ),
    )


def _parts(rows: Sequence[T], most: int) -> list[Sequence[T]]:
    return [rows[begin : begin + most] for begin in range(0, len(rows), most)]


def _first(chain: bytes) -> bytes:
    """The server's own certificate: its authorities may follow it."""
    return chain[: int.from_bytes(chain[2:4], "big") + 4]


def _said(error: BaseException) -> str:
    if isinstance(error, UaStatusCodeError):
        return str(ua.StatusCode(error.code).name)
    return str(error) or type(error).__name__


def _nobody(_why: str) -> None:
    """Nobody wants to know."""


def quieten() -> None:
    """asyncua logs each loss with a traceback; `Device` logs it once, in a line."""
    for name in ("asyncua.client", "asyncua.common.subscription", "asyncua.crypto.uacrypto", "asyncua.uaprotocol"):
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.CRITICAL)
