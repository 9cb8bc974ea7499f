"""The rights of a line on an external broker, as files that such brokers read. The table is that of the own broker.

Users are the roles, as on the own broker, and `linelab` for the line itself; passwords are not made here.
"""

from collections.abc import Iterator

from devices.endpoint import Role
from devices.mqtt.line_topics import Topics
from devices.mqtt.rights import RIGHTS

LINE_USER = "linelab"


def mosquitto_acl(line: str, bench: int) -> str:
    """For `acl_file` of mosquitto.conf."""
    topics = Topics(line, bench)
    parts = [f"# {line}, bench {bench}", f"user {LINE_USER}", f"topic readwrite {topics.everything}"]
    for role, reads, writes in _roles(topics):
        parts += ["", f"user {role.value}"]
        parts += [f"topic read {pattern}" for pattern in reads]
        parts += [f"topic write {pattern}" for pattern in writes]
    return "\n".join(parts) + "\n"


def emqx_acl(line: str, bench: int) -> str:
    """For `acl.conf` of EMQX: the first rule that fits decides."""
    topics = Topics(line, bench)
    parts = [f"%% {line}, bench {bench}", _rule("allow", LINE_USER, "all", [topics.everything])]
    for role, reads, writes in _roles(topics):
        parts.append(_rule("allow", role.value, "subscribe", reads))
        if writes:
            parts.append(_rule("allow", role.value, "publish", writes))
    return "\n".join([*parts, "{deny, all}."]) + "\n"


def _roles(topics: Topics) -> Iterator[tuple[Role, list[str], list[str]]]:
    """What each role reads and writes; commands belong to everybody but the observer."""
    for role, right in RIGHTS.items():
        commands = [] if role is Role.OBSERVER else [topics.commands]
        yield role, [topics.everything, *right.subscribe], [*commands, *right.publish]


def _rule(verdict: str, user: str, action: str, patterns: list[str]) -> str:
    quoted = ", ".join(f'"{pattern}"' for pattern in patterns)
    return f'{{{verdict}, {{user, "{user}"}}, {action}, [{quoted}]}}.'
