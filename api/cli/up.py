"""`linelab up`: start a lab, say what to connect where, and wait for Ctrl-C."""


def up() -> None:
    """Start a lab."""
    raise NotImplementedError
