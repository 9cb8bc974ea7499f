"""What clients can call and write beside the line's tags: bound by the models that offer it. Knows no model.

A model binds when the server is built (`LineServer.actions`) and answers at once, in the loop; none of it waits.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from devices.endpoint import Client, Role

ANYBODY_LOGGED_IN = frozenset({Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: his client (with his role), his session and the languages that he asked for."""

    client: Client
    session: ua.NodeId
    locales: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Argument:
    """An input of a method. `array` takes one dimension; None as type takes any."""

    name: str
    type: ua.VariantType | None
    array: bool = False

    def fits(self, given: ua.Variant) -> bool:
        return self.type is None or (given.VariantType is self.type and bool(given.is_array) is self.array)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method says. `arguments`: with BadInvalidArgument, one code for each input."""

    code: int = StatusCodes.Good
    outputs: tuple[ua.Variant, ...] = ()
    arguments: tuple[int, ...] = ()


Handler = Callable[[Caller, tuple[object, ...]], Answer]
Writer = Callable[[Caller, ua.Variant], int]  # answers a status code


@dataclass(frozen=True, slots=True)
class Bound:
    """A method of an object: what it takes and who does it."""

    inputs: tuple[Argument, ...]
    handler: Handler
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class BoundValue:
    """A variable that is not a tag and can be written."""

    type: ua.VariantType
    writer: Writer
    roles: frozenset[Role]
    array: bool = False


@dataclass(slots=True)
class Actions:
    """The methods and writable values of one server that are not commands and tags of the line."""

    methods: dict[tuple[ua.NodeId, ua.NodeId], Bound] = field(default_factory=dict)  # by (object, method)
    values: dict[ua.NodeId, BoundValue] = field(default_factory=dict)
    _roles: dict[ua.NodeId, frozenset[Role]] = field(default_factory=dict)  # of the methods, by node

    def bind(
        self,
        owner: ua.NodeId,
        method: ua.NodeId,
        handler: Handler,
        inputs: Sequence[Argument] = (),
        *,
        roles: frozenset[Role] = ANYBODY_LOGGED_IN,
        declared: ua.NodeId | None = None,
    ) -> None:
        """`declared` is the method of the type, which clients call as well (Part 4, 5.12.2.2)."""
        bound = Bound(tuple(inputs), handler, roles)
        for node in (method, declared):
            if node is not None:
                self.methods[owner, node] = bound
        self._roles[method] = roles

    def bind_value(
        self,
        node: ua.NodeId,
        kind: ua.VariantType,
        writer: Writer,
        *,
        roles: frozenset[Role] = ANYBODY_LOGGED_IN,
        array: bool = False,
    ) -> None:
        """The writer puts the value into the address space itself, where it accepts it."""
        self.values[node] = BoundValue(kind, writer, roles, array)

    def callers(self, method: ua.NodeId) -> frozenset[Role] | None:
        """Who may call this method; None where it is not bound here."""
        return self._roles.get(method)

    def call(
        self, caller: Caller, owner: ua.NodeId, method: ua.NodeId, given: Sequence[ua.Variant]
    ) -> ua.CallMethodResult | None:
        """The answer to a call, None where nothing is bound there."""
        bound = self.methods.get((owner, method))
        if bound is None:
            return None
        if caller.client.role not in bound.roles:
            return result(Answer(StatusCodes.BadUserAccessDenied))
        wrong = check_arguments(bound.inputs, given)
        return result(wrong or bound.handler(caller, tuple(one.Value for one in given)))

    def write(self, caller: Caller, node: ua.NodeId, given: ua.Variant) -> int | None:
        """The status code of a write, None where nothing is bound there."""
        bound = self.values.get(node)
        if bound is None:
            return None
        if caller.client.role not in bound.roles:
            return int(StatusCodes.BadUserAccessDenied)
        if given.VariantType is not bound.type or bool(given.is_array) is not bound.array:
            return int(StatusCodes.BadTypeMismatch)
        return bound.writer(caller, given)


def check_arguments(wanted: Sequence[Argument], given: Sequence[ua.Variant]) -> Answer | None:
    """What is wrong with the inputs (Part 4, 5.12.2), None where they fit."""
    if len(given) < len(wanted):
        return Answer(StatusCodes.BadArgumentsMissing)
    if len(given) > len(wanted):
        return Answer(StatusCodes.BadTooManyArguments)
    codes = tuple(
        StatusCodes.Good if argument.fits(one) else StatusCodes.BadTypeMismatch
        for argument, one in zip(wanted, given, strict=True)
    )
    return Answer(StatusCodes.BadInvalidArgument, arguments=codes) if any(codes) else None


def result(answer: Answer) -> ua.CallMethodResult:
    return ua.CallMethodResult(
        StatusCode=ua.StatusCode(ua.UInt32(answer.code)),
        InputArgumentResults=[ua.StatusCode(ua.UInt32(code)) for code in answer.arguments],
        OutputArguments=list(answer.outputs),
    )
