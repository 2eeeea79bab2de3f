import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from signing.evidence import weigh
from signing.keyholder import KeyProcess
from signing.model import Facts, Trust
from signing.profiles import load_profile
from signing.renew import RenewedFile, renew_file
from signing.sign import sign_file
from signing.tasks import Weigh
from signing.timestamp import TimestampClient
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from sohoa.fetching import EvidenceClient

Renew = Callable[..., RenewedFile]


@pytest.fixture(scope="session")
def aged(
    tmp_path_factory: pytest.TempPathFactory, born_digital: Path, officer: KeyProcess, child: Child, tsa: TimestampClient,
    anchored: Trust,
) -> dict[str, Path]:  # fmt: skip
    """One signed file of each level."""
    from sohoa.net import NetworkClient, NetworkRules

    folder = tmp_path_factory.mktemp("aged")
    fetch = EvidenceClient(NetworkClient(NetworkRules(loopback=True)))
    made = {}
    for level in ("b", "t", "lt", "lta"):
        facts = Facts(datetime.now(UTC))
        out = folder / f"{level}.pdf"
        sign_file(born_digital, out, officer, load_profile("invisible"), level, child, tsa, facts, trust=anchored, fetch=fetch)  # type: ignore[arg-type]
        made[level] = out
    return made


@pytest.fixture
def renew(child: Child, tsa: TimestampClient, fetch: EvidenceClient, anchored: Trust) -> Renew:
    def run(path: Path, verify: Callable[[Path], bool] = lambda _: True, **more: object) -> RenewedFile:
        given = {"timestamp": tsa, "fetch": fetch, "trust": anchored, **more}
        return renew_file(path, child, verify=verify, **given)  # type: ignore[arg-type]

    return run


def stamps(path: Path) -> int:
    with path.open("rb") as file:
        return len(PdfFileReader(file).embedded_timestamp_signatures)


@pytest.mark.parametrize(("level", "before"), [("lt", 0), ("lta", 1)])
def test_a_renewed_file_has_one_more_timestamp_and_every_earlier_byte(
    level: str, before: int, aged: dict[str, Path], tmp_path: Path, renew: Renew
) -> None:
    path = Path(shutil.copy(aged[level], tmp_path / "s.pdf"))
    renewed = renew(path)
    assert stamps(path) == before + 1
    assert path.read_bytes().startswith(aged[level].read_bytes())
    assert renewed.sha256 == sha256(path.read_bytes()).hexdigest()
    assert renewed.protected_until > datetime.now(UTC) + timedelta(days=365)


def test_the_old_file_is_kept_beside_the_new_one(aged: dict[str, Path], tmp_path: Path, renew: Renew) -> None:
    path = Path(shutil.copy(aged["lta"], tmp_path / "s.pdf"))
    renewed = renew(path)
    assert renewed.kept.read_bytes() == aged["lta"].read_bytes()
    assert {file.name for file in tmp_path.iterdir()} == {"s.pdf", renewed.kept.name}


def test_answers_newer_than_the_last_timestamp_are_fetched_and_written(
    aged: dict[str, Path], tmp_path: Path, renew: Renew, fetch: EvidenceClient
) -> None:
    """Not even an answer that is still fresh will do: the authority may have been compromised since it was given."""
    from time import sleep

    path = Path(shutil.copy(aged["lta"], tmp_path / "s.pdf"))
    sleep(2.1)  # the trial responder dates its answers to the second, one second back
    renew(path)
    with pikepdf.open(aged["lta"]) as old, pikepdf.open(path) as new:
        assert len(new.Root.DSS.OCSPs) > len(old.Root.DSS.OCSPs)
        assert list(new.Root.DSS.VRI.keys()) == list(old.Root.DSS.VRI.keys())


def test_a_file_that_verification_calls_unsound_takes_nobodys_place(aged: dict[str, Path], tmp_path: Path, renew: Renew) -> None:
    path = Path(shutil.copy(aged["lta"], tmp_path / "s.pdf"))
    seen: list[bytes] = []

    def unsound(part: Path) -> bool:
        seen.append(part.read_bytes())
        return False

    with pytest.raises(SohoaError, match="renewal_not_sound"):
        renew(path, unsound)
    assert len(seen[0]) > path.stat().st_size
    assert path.read_bytes() == aged["lta"].read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["s.pdf"]


@pytest.mark.parametrize("level", ["b", "t"])
def test_a_file_without_long_term_evidence_cannot_be_renewed(level: str, aged: dict[str, Path], tmp_path: Path, renew: Renew) -> None:
    path = Path(shutil.copy(aged[level], tmp_path / "s.pdf"))
    with pytest.raises(SohoaError, match="renewal_not_long_term"):
        renew(path)
    assert path.read_bytes() == aged[level].read_bytes()


def test_an_unsigned_file_cannot_be_renewed(born_digital: Path, tmp_path: Path, renew: Renew) -> None:
    with pytest.raises(SohoaError, match="renewal_not_long_term"):
        renew(Path(shutil.copy(born_digital, tmp_path / "s.pdf")))


def test_a_failed_timestamp_leaves_the_old_file(aged: dict[str, Path], tmp_path: Path, renew: Renew) -> None:
    path = Path(shutil.copy(aged["lta"], tmp_path / "s.pdf"))
    with pytest.raises(SohoaError, match="tsa_failed"):
        renew(path, timestamp=lambda request: b"no token")
    assert path.read_bytes() == aged["lta"].read_bytes()
    assert [file.name for file in tmp_path.iterdir()] == ["s.pdf"]


def test_a_name_that_is_taken_is_not_overwritten(aged: dict[str, Path], tmp_path: Path, renew: Renew) -> None:
    path = Path(shutil.copy(aged["lta"], tmp_path / "s.pdf"))
    taken = tmp_path / "old.pdf"
    taken.write_bytes(b"precious")
    with pytest.raises(UsageError, match="renewal_copy_exists"):
        renew(path, keep=taken)
    assert taken.read_bytes() == b"precious"


def test_once_the_last_timestamps_certificate_has_expired_it_is_too_late(aged: dict[str, Path], anchored: Trust) -> None:
    later = datetime.now(UTC) + timedelta(days=6 * 366)
    with pytest.raises(SohoaError, match="renewal_too_late"):
        weigh(Weigh(later, str(aged["lta"]), anchors=anchored.anchors, renew=True))
