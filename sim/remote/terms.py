"""On what terms a real station takes parts from its neighbours and gives them back. Data, and its check."""

from dataclasses import dataclass

from sim.arguments import Args
from sim.refusal import Refusal
from sim.state import JsonValue, load

SECOND_NS = 1_000_000_000
LONGEST_NS = 24 * 3600 * SECOND_NS


@dataclass(frozen=True, slots=True)
class Terms:
    """Expressions over the tags of the line, and how long each may take. Empty: the real station is not asked."""

    presence: str = ""  # true while a part stands at the entry of the real station
    done: str = ""  # becomes true each time that the real station has finished a part
    presence_ns: int = 60 * SECOND_NS  # a part is expected for so long
    done_ns: int = 120 * SECOND_NS  # the station works on one for so long
    twin_ns: int = 3 * SECOND_NS  # the twin may be so late with its part at the entry or exit; then it is carried


def terms_of(given: JsonValue) -> Terms | Refusal:
    """The terms in the arguments of an input; none are those that ask for nothing."""
    args: Args = given if isinstance(given, dict) else {}
    if given is not None and not isinstance(given, dict):
        return Refusal.TYPE
    try:
        terms = load(Terms, args)
    except ValueError:
        return Refusal.TYPE
    times = (terms.presence_ns, terms.done_ns, terms.twin_ns)
    return terms if all(0 < time <= LONGEST_NS for time in times) else Refusal.RANGE
