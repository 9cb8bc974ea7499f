"""The former place of `scenarios.faulting`; goes when nobody imports it any more."""

from scenarios.faulting import Fault

__all__ = ["Fault"]
