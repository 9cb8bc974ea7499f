"""`linelab certificates`: who may connect to a bench, from a terminal. Works on its folders; no lab need run.

A running lab reads the folders at each connection, so that it follows at once; only `renew` waits for its next start.
"""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli.say import Mistake, out, say, table

if TYPE_CHECKING:
    from controller.settings import Settings
    from devices.certificates import CertificateStore, Shelf, Shown

WARN = timedelta(days=30)
LEAST_PRINT = 6  # hex digits of a thumbprint that are enough, if no other begins with them

app = typer.Typer(help="Certificates of a bench: who may connect with security.", no_args_is_help=True)

Bench = Annotated[int, typer.Option(min=1, max=99, help="Number of the bench.")]
Data = Annotated[Path | None, typer.Option(metavar="DIR", envvar="LINELAB_HOME", help="Folder of the lab's data.")]
Which = Annotated[str, typer.Argument(metavar="CERTIFICATE", help="Its thumbprint, the beginning of it, or its name.")]


def _store(data: Path | None, bench: int, listen: str = "127.0.0.1") -> "CertificateStore":
    from controller.certificates import certificate_store
    from controller.clock import SystemClock
    from controller.settings import Settings

    given = {} if data is None else {"data": data.expanduser().resolve()}
    try:  # Modbus is not spoken here: whoever may do so is no matter
        settings = Settings.model_validate({**given, "benches": bench, "listen": listen, "modbus_allow": ("::1/128",)})
    except ValueError as error:
        raise Mistake(f"--listen {listen}: is no address") from error
    return certificate_store(settings, bench, SystemClock())


def _found(store: "CertificateStore", wanted: str) -> "Shown":
    """The one certificate that is meant."""
    from devices.certificates import Shelf

    key = wanted.replace(":", "").lower()
    others = [one for one in store.shown() if one.shelf is not Shelf.OWN]
    found = {
        one.thumbprint: one
        for one in others
        if one.name == wanted or (len(key) >= LEAST_PRINT and one.thumbprint.startswith(key))
    }
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise Mistake(f"{wanted}: {len(found)} certificates are meant; give more of the thumbprint")
    raise Mistake(f"{wanted}: no such thumbprint or name in {store.folder}; see linelab certificates list")


@app.command("list")
def list_(bench: Bench = 1, data: Data = None) -> None:
    """All certificates and revocation lists of a bench, and how long they are good."""
    store = _store(data, bench)
    rows = [
        (one.shelf.value, one.thumbprint, one.name, f"{one.valid_to:%Y-%m-%d}", _words(one, store))
        for one in store.shown()
    ]
    rows += [
        (f"{one.shelf.value}/crl", one.thumbprint, one.issuer, f"{one.valid_to:%Y-%m-%d}" if one.valid_to else "",
         f"{one.revoked} revoked")
        for one in store.shown_lists()
    ]  # fmt: skip
    if not rows:
        say(
            f"No certificates yet in {store.folder}: the first start of the lab makes one. "
            "Was it started with --data? Then say it here too."
        )
        return
    table("", ("Shelf", "Thumbprint (SHA-1)", "Name", "Until", ""), rows)


def _words(one: "Shown", store: "CertificateStore") -> str:
    if not one.valid:
        return "not valid yet" if one.valid_from > store.now else "ended"
    days = (one.valid_to - store.now).days
    return f"ends in {days} days" if one.valid_to - store.now < WARN else ""


@app.command()
def trust(
    which: Which,
    bench: Bench = 1,
    data: Data = None,
    as_user: Annotated[
        str, typer.Option("--as", metavar="ROLE", help="As a log-in of a person: trainee, instructor or engineer.")
    ] = "",
) -> None:
    """Let a client connect that was turned away, or let a person log in with a certificate."""
    from devices.certificates import Shelf

    try:
        shelf = Shelf(f"users/{as_user}") if as_user else Shelf.TRUSTED
    except ValueError as error:
        raise Mistake(f"--as {as_user}: is neither trainee nor instructor nor engineer") from error
    _move(_store(data, bench), which, shelf)


@app.command()
def reject(which: Which, bench: Bench = 1, data: Data = None) -> None:
    """Turn a client away from now on."""
    from devices.certificates import Shelf

    _move(_store(data, bench), which, Shelf.REJECTED)


def _move(store: "CertificateStore", which: str, shelf: "Shelf") -> None:
    one = _found(store, which)
    try:
        store.move(one.thumbprint, shelf)
    except OSError as error:
        raise Mistake(f"{store.folder}: {error.strerror}") from error
    out(f"{one.name or one.thumbprint}: {one.shelf.value} -> {shelf.value}")


@app.command()
def renew(
    bench: Bench = 1,
    data: Data = None,
    listen: Annotated[str, typer.Option(metavar="ADDR", help="Address as of `linelab up`; it is named.")] = "127.0.0.1",
) -> None:
    """A new certificate of the bench for the same key; the wires show it after the next start of the lab."""
    store = _store(data, bench, listen)
    try:
        store.renew()
    except (OSError, ValueError) as error:
        raise Mistake(f"{store.folder}: {error}") from error
    out(f"Bench {bench}: good until {store.certificate().not_valid_after_utc:%Y-%m-%d}; clients must trust it anew.")


def warn(settings: "Settings") -> None:
    """Say which certificates in use end soon, before the lab starts."""
    from controller.certificates import certificate_store
    from controller.clock import SystemClock

    clock = SystemClock()
    for bench in range(1, settings.benches + 1):
        for one in certificate_store(settings, bench, clock).ending(WARN):
            days = (one.valid_to - clock.utc()).days
            when = f"ends in {days} days" if days >= 0 else f"ended {-days} days ago"
            cure = f"; linelab certificates renew --bench {bench}" if one.shelf.value == "own" else ""
            say(f"Bench {bench}: the certificate {one.name or one.thumbprint} ({one.shelf.value}) {when}{cure}")
