"""A fault of one effect in few words, for tests: `seam` and `target` and figures become the arguments of the input."""

from collections.abc import Mapping
from typing import Any

_AIM = {"signal": "tag", "parameter": "component", "disturbance": "component", "link": "wire"}
_HEAD = ("id", "fault", "target", "duration", "repair", "ends_when", "findings")


def one_effect(given: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of the `fault` input; those that name their effects stay as they are."""
    if "seam" not in given:
        return dict(given)
    head = {name: value for name, value in given.items() if name in _HEAD}
    rest = {name: value for name, value in given.items() if name not in _HEAD}
    return {"fault": "", **head, "effects": [{**rest, _AIM[str(given["seam"])]: given.get("target")}]}
