"""Evidence that the file does not bring is asked of those whom the settings name, and kept for the next time."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.trial import TrialPki, trial_pki
from signing.trial_authority import trial_authority
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.fetching import EvidenceClient
from sohoa.net import NetworkClient, NetworkRules
from verification.online import verify_online
from verification.tasks import PRELOAD, Verify, verify_in_child


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialPki]:
    """A trial authority whose certificates name an address that answers."""
    folder = tmp_path_factory.mktemp("published")
    with trial_authority(folder) as url:
        yield trial_pki(folder, url)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(PRELOAD) as child:
        yield child


@pytest.fixture
def root_alone(published: TrialPki, tmp_path: Path) -> Path:
    """What a citizen's trust folder holds: the root, and no list."""
    folder = tmp_path / "trust"
    folder.mkdir()
    (folder / "root.crt").write_bytes(published.as_trust().anchors[0])
    return folder


@pytest.fixture
def file(sign, published: TrialPki, paper: bytes, tmp_path: Path) -> Path:
    """A document whose signature carries the signer's certificate alone, as many state bodies' do."""
    signer = type(sign)(published)
    target = tmp_path / "signed.pdf"
    target.write_bytes(signer(paper))
    return target


def loopback() -> EvidenceClient:
    return EvidenceClient(NetworkClient(NetworkRules(loopback=True)))


def test_missing_evidence_is_fetched_and_the_signature_becomes_valid(child: Child, file: Path, root_alone: Path, tmp_path: Path) -> None:
    request = Verify(str(file), str(root_alone))
    assert verify_in_child(child, request).verdict == "indeterminate"
    (tmp_path / "kept").mkdir()
    verdict = verify_online(child, request, loopback(), tmp_path / "kept")
    assert (verdict.verdict, verdict.reason_code) == ("valid", "all_valid")


def test_kept_evidence_judges_the_file_again_with_nobody_asked(child: Child, file: Path, root_alone: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    verify_online(child, Verify(str(file), str(root_alone)), loopback(), tmp_path / "kept")
    again = verify_in_child(child, Verify(str(file), str(root_alone), evidence=str(tmp_path / "kept")))
    assert again.verdict == "valid"
    assert again.trust_version == verify_in_child(child, Verify(str(file), str(root_alone))).trust_version


def test_a_fetched_certificate_never_becomes_an_anchor(child: Child, file: Path, published: TrialPki, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "root.fetched").write_bytes(published.as_trust().anchors[0])
    assert verify_in_child(child, Verify(str(file), evidence=str(kept))).reason_code == "signer_not_trusted"


def test_when_nobody_answers_the_verdict_stays_undecided(child: Child, file: Path, root_alone: Path, tmp_path: Path) -> None:
    asked = []

    def silent(url: str, request: bytes) -> bytes:
        asked.append(url)
        raise SohoaError("net_failed")

    verdict = verify_online(child, Verify(str(file), str(root_alone)), silent, tmp_path)
    assert verdict.verdict == "indeterminate"
    assert len(asked) == len(set(asked)) > 0  # each address once: a dead service costs its wait once


@pytest.mark.parametrize(
    ("hosts", "offline", "verdict"),
    [
        ('["127.0.0.1"]', (), "valid"),
        ('["127.0.0.1"]', ("--offline",), "indeterminate"),
        ("[]", (), "indeterminate"),
    ],
)
def test_the_command_asks_only_whom_the_settings_name(
    file: Path, root_alone: Path, tmp_path: Path, hosts: str, offline: tuple[str, ...], verdict: str
) -> None:
    (tmp_path / "config.toml").write_text(f"[verify]\nhosts = {hosts}\nallow_loopback = true\n")
    command = [sys.executable, "-m", "sohoa", "verify", str(file), "--trust", str(root_alone), "--json", *offline]
    said = subprocess.run(command, env={"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(tmp_path)}, capture_output=True, text=True)
    assert json.loads(said.stdout)["verdict"] == verdict, said.stderr
