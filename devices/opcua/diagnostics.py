"""Counters of a server and its sessions, as ServerDiagnostics shows them (OPC 10000-5, 12.9 to 12.15)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from asyncua import ua
from asyncua.ua.object_ids import ObjectIds
from asyncua.ua.status_codes import StatusCodes

if TYPE_CHECKING:
    from devices.opcua.session import Session

ENCODED = "Request_Encoding_DefaultBinary"
# what a request is called in SessionDiagnosticsDataType, by the number of its encoding
REQUESTS = {number: name.removesuffix(ENCODED) for name, number in vars(ObjectIds).items() if name.endswith(ENCODED)}
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
