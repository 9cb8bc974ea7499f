"""`linelab certificates` on the folder of a bench, and what `linelab up` says of certificates that end soon."""

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app, certificates
from api.cli.say import Mistake
from controller.certificates import certificate_store
from controller.clock import SystemClock
from controller.settings import Settings
from devices.certificates import CertificateStore, Shelf
from tests.devices.certificates import makers

STRANGER = makers.certificate("stranger")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateStore:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    store = certificate_store(Settings(data=tmp_path), 1, SystemClock())
    store.own_certificate()
    store.add(Shelf.REJECTED, STRANGER)
    return store


def linelab(store: CertificateStore, *arguments: str) -> str:
    done = CliRunner().invoke(app, ["certificates", *arguments, "--data", str(store.folder.parents[1])])
    if isinstance(done.exception, Mistake):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def shelf(store: CertificateStore, name: str) -> str:
    return next(one.shelf.value for one in store.shown() if one.name == name)


def test_a_stranger_is_listed_trusted_and_turned_away(store: CertificateStore) -> None:
    assert "rejected" in linelab(store, "list")
    linelab(store, "trust", "stranger")
    assert shelf(store, "stranger") == "trusted"
    print_ = next(one.thumbprint for one in store.shown() if one.name == "stranger")
    linelab(store, "reject", print_[:8].upper())
    assert shelf(store, "stranger") == "rejected"
    linelab(store, "trust", "stranger", "--as", "engineer")
    assert shelf(store, "stranger") == "users/engineer"


def test_renewing_gives_another_certificate_for_the_same_key(store: CertificateStore) -> None:
    before = store.certificate()
    assert "good until" in linelab(store, "renew")
    assert store.certificate().serial_number != before.serial_number
    assert store.certificate().public_key() == before.public_key()


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("trust", "nobody"), "no such thumbprint or name"),
        (("reject", "LineLab bench 1"), "no such thumbprint or name"),  # its own stays
        (("trust", "stranger", "--as", "king"), "neither trainee"),
    ],
)
def test_what_cannot_be_done_is_said(store: CertificateStore, arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(Mistake, match=why):
        linelab(store, *arguments)


def test_up_warns_of_what_ends_within_thirty_days(store: CertificateStore, capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings(data=store.folder.parents[1])
    certificates.warn(settings)
    assert capsys.readouterr().err == ""
    store.renew(timedelta(days=20))
    certificates.warn(settings)
    said = capsys.readouterr().err
    assert "LineLab bench 1 (own) ends in" in said
    assert "linelab certificates renew --bench 1" in said
