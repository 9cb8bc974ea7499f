"""Counters of a server and its sessions, as ServerDiagnostics shows them (OPC 10000-5, 12.9 to 12.15)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.ua_binary import Primitives, nodeid_to_binary
from cryptography.hazmat.primitives.serialization import Encoding

from devices.opcua.values import node_id, stamp

if TYPE_CHECKING:
    from devices.opcua.server import LineServer
    from devices.opcua.session import Session

SECURITY_TYPE = node_id(ObjectIds.SessionSecurityDiagnosticsDataType_Encoding_DefaultBinary)
ENCODED = "Request_Encoding_DefaultBinary"
# what a request is called in SessionDiagnosticsDataType, by the number of its encoding
REQUESTS = {number: name.removesuffix(ENCODED) for name, number in vars(ObjectIds).items() if name.endswith(ENCODED)}
# those that SessionDiagnosticsDataType has a counter for
SHOWN = [
    name.removesuffix("Count")
    for name, field_ in ua.SessionDiagnosticsDataType.__dataclass_fields__.items()
    if name.endswith("Count") and "ServiceCounter" in str(field_.type) and not name.startswith("Total")
]
SECURITY = {
    StatusCodes.BadIdentityTokenRejected,
    StatusCodes.BadIdentityTokenInvalid,
    StatusCodes.BadUserSignatureInvalid,
    StatusCodes.BadUserAccessDenied,
    StatusCodes.BadSecurityChecksFailed,
    StatusCodes.BadCertificateUriInvalid,
    StatusCodes.BadNonceInvalid,
    StatusCodes.BadApplicationSignatureInvalid,
    StatusCodes.BadSecurityModeInsufficient,
    StatusCodes.BadSessionIdInvalid,
}


@dataclass(slots=True)
class SessionCounters:
    """The requests of one session: all and failed, by name."""

    total: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    unauthorised: int = 0

    def counter(self, request: str) -> ua.ServiceCounterDataType:
        return ua.ServiceCounterDataType(ua.UInt32(self.total[request]), ua.UInt32(self.failed[request]))


@dataclass(slots=True)
class Diagnostics:
    """The counters of one server since its start."""

    sessions: int = 0  # all that were opened
    subscriptions: int = 0
    timeouts: int = 0
    aborts: int = 0
    refused_sessions: int = 0
    refused_sessions_security: int = 0
    refused_requests: int = 0
    refused_requests_security: int = 0
    of_session: dict[ua.NodeId, SessionCounters] = field(default_factory=dict)

    def opened_session(self, session: "Session") -> None:
        self.sessions += 1
        self.of_session[session.session_id] = SessionCounters()

    def ended_session(self, session: "Session", *, timed_out: bool) -> None:
        self.timeouts += timed_out
        self.of_session.pop(session.session_id, None)

    def refused_session(self, code: int) -> None:
        self.refused_sessions += 1
        self.refused_sessions_security += code in SECURITY

    def served(self, session: object, number: object, code: int) -> None:
        """A request was answered; `code` is that of the fault, 0 where it was served."""
        if code:
            self.refused_requests += 1
            self.refused_requests_security += code in SECURITY
        counters = self.of_session.get(getattr(session, "session_id", ua.NodeId()))
        if counters is None:
            return
        name = REQUESTS.get(number if isinstance(number, int) else 0, "")
        counters.total[name] += 1
        counters.failed[name] += bool(code)
        counters.unauthorised += code == StatusCodes.BadUserAccessDenied


def session_diagnostics(server: "LineServer", session: "Session") -> ua.SessionDiagnosticsDataType:
    """What SessionDiagnostics shows of one session."""
    counters = server.diagnostics.of_session.get(session.session_id, SessionCounters())
    own = server.subscriptions.of(session.session_id)
    requests = {f"{name}Count": counters.counter(name) for name in SHOWN}
    return ua.SessionDiagnosticsDataType(
        SessionId=session.session_id,
        SessionName=session.title,
        ClientDescription=session.description,
        ServerUri="",
        EndpointUrl=session.endpoint_url,
        LocaleIds=[str(one) for one in session.locales],
        ActualSessionTimeout=ua.Duration((session.session_timeout or 0) * 1000),
        MaxResponseMessageSize=ua.UInt32(0),
        ClientConnectionTime=stamp(session.opened),
        ClientLastContactTime=stamp(session.contact),
        CurrentSubscriptionsCount=ua.UInt32(len(own)),
        CurrentMonitoredItemsCount=ua.UInt32(sum(len(one.items.all) for one in own)),
        TotalRequestCount=ua.ServiceCounterDataType(
            ua.UInt32(counters.total.total()), ua.UInt32(counters.failed.total())
        ),
        UnauthorizedRequestCount=ua.UInt32(counters.unauthorised),
        **requests,
    )


def session_security(session: "Session") -> ua.ExtensionObject:
    """SessionSecurityDiagnosticsDataType by hand: asyncua takes its field `Encoding` for one of its own."""
    name, certificate = session.user.name or "", session.certificate
    text, number = Primitives.String.pack, Primitives.Int32.pack
    body = (
        nodeid_to_binary(session.session_id)
        + text(name)
        + number(1)  # the history of users has one entry
        + text(name)
        + text(session.mechanism)
        + text("UA Binary")
        + text("opc.tcp")
        + number(int(session.security_mode))
        + text(session.policy)
        + Primitives.ByteString.pack(None if certificate is None else certificate.public_bytes(Encoding.DER))
    )
    return ua.ExtensionObject(SECURITY_TYPE, Body=ua.ByteString(body))


def mechanism_of(token: object) -> str:
    return MECHANISMS.get(type(token).__name__, "Anonymous")


MECHANISMS = {"UserNameIdentityToken": "UserName", "X509IdentityToken": "Certificate"}
