"""The gate's operations on faults and scenarios: who may begin, end and fire what."""

from collections.abc import Callable

from sim.arguments import Args, word
from sim.faults import check, scenario
from sim.faults.engine import FaultEngine
from sim.faults.state import ARMED, WAITING
from sim.refusal import Refusal

Refusals = tuple[Refusal | None, ...]
Operation = tuple[Callable[[Args], Refusals], Callable[[Args], None]]


class FaultGate:
    """Checks and applies the inputs that an instructor gives."""

    def __init__(self, engine: FaultEngine) -> None:
        self.engine = engine
        self.operations: dict[str, Operation] = {
            "fault": (self._check_fault, self._do_fault),
            "end_fault": (self._check_end_fault, lambda args: engine.end(word(args, "id"))),
            "end_faults": (lambda args: (None,), self._do_end_faults),
            "scenario": (self._check_scenario, lambda args: scenario.begin(engine, args)),
            "end_scenario": (self._check_end_scenario, lambda args: scenario.end(engine)),
            "fire": (self._check_fire, self._do_fire),
        }

    def _check_fault(self, args: Args) -> Refusals:
        if not word(args, "id") or word(args, "id") in self.engine.s.faults:
            return (Refusal.STATE,)
        return (check.fault(self.engine, args),)

    def _do_fault(self, args: Args) -> None:
        plan = {name: value for name, value in args.items() if name != "id"}
        self.engine.begin(word(args, "id"), plan)

    def _check_end_fault(self, args: Args) -> Refusals:
        return (None if word(args, "id") in self.engine.s.faults else Refusal.STATE,)

    def _do_end_faults(self, args: Args) -> None:
        for ident in list(self.engine.s.faults):
            self.engine.end(ident)

    def _check_scenario(self, args: Args) -> Refusals:
        return (Refusal.STATE if self.engine.s.scenario is not None else check.scenario(self.engine, args),)

    def _check_end_scenario(self, args: Args) -> Refusals:
        return (None if self.engine.s.scenario is not None else Refusal.STATE,)

    def _check_fire(self, args: Args) -> Refusals:
        entry = scenario.find(self.engine, word(args, "entry"))
        if entry is None:
            return (Refusal.UNKNOWN,)
        return (check.fault(self.engine, entry.fault) if entry.state in (WAITING, ARMED) else Refusal.STATE,)

    def _do_fire(self, args: Args) -> None:
        entry = scenario.find(self.engine, word(args, "entry"))
        if entry is not None:
            scenario.fire(self.engine, entry)
