"""What an engineer does with the certificates of a bench."""

from pathlib import Path

import pytest

from controller.certificates import WORK, certificate_store
from controller.messages import LabError
from controller.settings import Settings
from devices.certificates import CertificateStore, Shelf
from tests.devices.certificates import makers
from tests.devices.fake_line import FakeClock

STRANGER = makers.certificate("stranger")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateStore:
    monkeypatch.setattr("devices.certificates.store.private_key", makers.key)
    one = certificate_store(Settings(data=tmp_path, listen="127.0.0.1"), 3, FakeClock())
    one.own_certificate()
    one.add(Shelf.REJECTED, STRANGER)
    return one


def shelves(store: CertificateStore) -> dict[str, str]:
    return {str(row["name"]): str(row["shelf"]) for row in WORK["certificates"](store, {})}  # type: ignore[call-overload,index,union-attr]


def test_each_bench_has_its_own(store: CertificateStore) -> None:
    (own,) = [row for row in store.shown() if row.shelf is Shelf.OWN]
    assert own.uri == "urn:linelab:bench:3"
    assert store.folder.name == "bench-3"


def test_a_stranger_is_trusted_and_turned_away_again(store: CertificateStore) -> None:
    assert shelves(store) == {"LineLab bench 3": "own", "stranger": "rejected"}
    print_ = next(row.thumbprint for row in store.shown() if row.name == "stranger")
    WORK["move_certificate"](store, {"thumbprint": print_, "to": "trusted"})
    assert shelves(store)["stranger"] == "trusted"
    WORK["delete_certificate"](store, {"thumbprint": print_})
    assert "stranger" not in shelves(store)


@pytest.mark.parametrize(
    ("work", "params", "code"),
    [
        ("move_certificate", {"thumbprint": "00", "to": "trusted"}, "unknown"),
        ("move_certificate", {"thumbprint": "00", "to": "own"}, "params"),
        ("move_certificate", {"to": "trusted"}, "params"),
        ("delete_certificate", {"thumbprint": "00"}, "unknown"),
    ],
)
def test_what_cannot_be_done_is_said(store: CertificateStore, work: str, params: dict[str, str], code: str) -> None:
    with pytest.raises(LabError) as refused:
        WORK[work](store, dict(params))
    assert refused.value.code == code


def test_renewing_gives_another_certificate(store: CertificateStore) -> None:
    before = store.certificate()
    assert WORK["renew_certificate"](store, {})["shelf"] == "own"  # type: ignore[index,call-overload]
    assert store.certificate() != before
