"""Who may do what to an alarm (docs/reference/alarms.md). A trainee may shelve unless the lab says otherwise."""

from devices.endpoint import Role

_ALL = frozenset({Role.TRAINEE, Role.INSTRUCTOR, Role.ENGINEER})
_STAFF = frozenset({Role.INSTRUCTOR, Role.ENGINEER})
_EVERYDAY = ("ack", "confirm", "comment", "reset")
_SHELF = ("shelve", "unshelve")


def roles(do: str, trainee_shelves: bool) -> frozenset[Role]:
    """The roles that may do this; what nobody knows is refused by the line, not here."""
    if do in _EVERYDAY or (do in _SHELF and trainee_shelves):
        return _ALL
    return _STAFF
