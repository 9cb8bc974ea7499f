"""The one version of asyncua that this package is written against. Must be imported before anything of asyncua is.

The package replaces inner functions of the library (docs/decisions: OPC UA). Another version may have moved them
without an error: clients would then bypass the gate. So a difference stops the import with a clear message.
"""

import inspect
from collections.abc import Callable
from importlib.metadata import version

VERSION = "2.1.0"

Replaced = tuple[Callable[..., object], str]


def check_version() -> None:
    found = version("asyncua")
    if found != VERSION:
        raise ImportError(
            f"LineLab's OPC UA endpoint needs asyncua {VERSION}, found {found}: pip install asyncua=={VERSION}"
        )


def check_signatures(replaced: list[Replaced]) -> None:
    """Each replaced function still takes the arguments that ours takes."""
    for function, parameters in replaced:
        found = ", ".join(inspect.signature(function).parameters)
        if found != parameters:
            name = function.__qualname__
            raise ImportError(f"asyncua's {name}({found}) is not {name}({parameters}): devices/opcua must be adapted")


check_version()
