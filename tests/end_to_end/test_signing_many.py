"""Many files, one key: killed at any moment and started again, exactly one signed file is released for each."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from signing.trial import TrialPki, trial_pki

COUNT = 36


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """`COUNT` different one-page PDFs."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(COUNT):
        pdf = pikepdf.new()
        pdf.add_blank_page(page_size=(595, 842))
        pdf.docinfo["/Subject"] = str(number)
        pdf.save(folder / f"van-ban-{number:03d}.pdf", deterministic_id=True)
    return folder


@pytest.fixture
def office(sohoa, pki: TrialPki) -> Iterator[None]:
    sohoa.home.mkdir(parents=True)
    names = {"can_bo": "officer", "co_quan": "agency"}
    text = "".join(f'[identities.{name}]\npath = "{pki.folder / file}.p12"\n' for name, file in names.items())
    (sohoa.home / "config.toml").write_text(text + f'[trust]\nfolder = "{pki.trust}"\n')
    for name in names:
        os.environ[f"SOHOA_PASSPHRASE_{name.upper()}"] = pki.passphrase.decode()
    yield
    for name in names:
        del os.environ[f"SOHOA_PASSPHRASE_{name.upper()}"]


@pytest.fixture
def token_store(sohoa, office, pki: TrialPki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A SoftHSM2 token with the officer's key; without this folder's content it is a token that was pulled out."""
    libraries = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
    module = next(library for library in libraries if Path(library).is_file())
    store = tmp_path / "token"
    store.mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    monkeypatch.setenv("SOHOA_PASSPHRASE_VAN_THU", "123456")
    key, own, above = pkcs12.load_key_and_certificates((pki.folder / "officer.p12").read_bytes(), pki.passphrase)
    assert key is not None
    assert own is not None
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (tmp_path / "officer.pem").write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in (own, *above)))
    made = ["softhsm2-util", "--init-token", "--free", "--label", "van-thu", "--so-pin", "87654321", "--pin", "123456"]
    filled = ["softhsm2-util", "--import", str(tmp_path / "key.pem"), "--token", "van-thu", "--label", "officer", "--id", "01"]
    for line in (made, [*filled, "--pin", "123456"]):
        subprocess.run(line, check=True, capture_output=True)
    with (sohoa.home / "config.toml").open("a") as config:
        config.write(f'[identities.van_thu]\nkind = "pkcs11"\nmodule = "{module}"\npath = "{tmp_path}/officer.pem"\nkey = "officer"\n')
    return store


def killed(sohoa, line: list[object], out: Path, after: int) -> None:
    """Start the command and kill it with all its children once `after` files are there."""
    with subprocess.Popen(
        [*sohoa.line, *map(str, line)], env=sohoa.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as running:
        deadline = monotonic() + 120
        while len(list(out.glob("*.pdf"))) < after and running.poll() is None and monotonic() < deadline:
            sleep(0.002)
        os.killpg(running.pid, signal.SIGKILL)


def signatures(file: Path) -> int:
    with pikepdf.open(file) as pdf:
        return len(pdf.Root.AcroForm.Fields)


def test_a_batch_killed_at_random_moments_releases_one_signed_file_for_each(sohoa, office, pki, papers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = ["sign", papers, "--as", "can_bo", "-o", out, "--profile", "invisible", "--json"]
    moments = sorted(random.Random().sample(range(1, COUNT - 5), 2))
    released: dict[str, bytes] = {}
    for moment in moments:
        killed(sohoa, line, out, moment)
        now = {path.name: path.read_bytes() for path in out.glob("*.pdf")}
        assert all(now[name] == content for name, content in released.items())  # what was released is not made again
        released = now
    reports = [json.loads(text) for text in sohoa(*line).stdout.splitlines()]
    assert [Path(report["file"]).name for report in reports] == sorted(path.name for path in papers.iterdir())
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in papers.iterdir())
    assert all((out / name).read_bytes() == content for name, content in released.items())
    assert {signatures(path) for path in out.iterdir()} == {1}
    assert {(report["verdict"], report["integrity"]) for report in reports} == {("valid", "intact")}
    assert list((sohoa.home / "signing").glob("*.jsonl")) == []
    verdicts = [json.loads(text) for text in sohoa("verify", *sorted(out.iterdir()), "--trust", pki.trust, "--json").stdout.splitlines()]
    assert {verdict["verdict"] for verdict in verdicts} == {"valid"}


def test_files_signed_in_their_own_place_are_not_signed_twice(sohoa, office, papers: Path) -> None:
    line = ["sign", papers, "--as", "can_bo", "-o", papers, "--profile", "invisible"]
    with subprocess.Popen([*sohoa.line, *map(str, line)], env=sohoa.env, stdout=subprocess.DEVNULL, start_new_session=True) as running:
        before = {path: path.stat().st_size for path in papers.glob("*.pdf")}
        deadline = monotonic() + 120
        while sum(path.stat().st_size != size for path, size in before.items()) < 10 and monotonic() < deadline:
            sleep(0.002)
        os.killpg(running.pid, signal.SIGKILL)
    sohoa(*line)
    assert {signatures(path) for path in papers.glob("*.pdf")} == {1}
    assert len(list(papers.iterdir())) == COUNT


def test_a_file_that_cannot_be_signed_stops_no_other_and_alone_is_tried_again(sohoa, office, papers: Path, tmp_path: Path) -> None:
    broken = papers / "van-ban-000.pdf"
    sound = broken.read_bytes()
    broken.write_bytes(b"%PDF-1.7\nnothing")
    for path in sorted(papers.iterdir())[4:]:
        path.unlink()
    out = tmp_path / "out"
    line = ["sign", papers, "--as", "can_bo", "-o", out, "--profile", "invisible", "--json"]
    reports = [json.loads(text) for text in sohoa(*line, code=1).stdout.splitlines()]
    assert [report.get("error_code") for report in reports] == ["pdf_not_signable", None, None, None]
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    broken.write_bytes(sound)
    sohoa(*line)
    assert len(list(out.iterdir())) == 4
    assert all((out / name).read_bytes() == content for name, content in first.items())


def test_an_agency_signs_only_over_a_valid_signature_of_the_person(sohoa, office, pki, papers: Path, tmp_path: Path) -> None:
    """Decree 30/2020/ND-CP, Article 32.2: the signature must be valid, not merely there."""
    paper, signed, sealed = papers / "van-ban-001.pdf", tmp_path / "signed.pdf", tmp_path / "sealed.pdf"
    seal = ["--as", "co_quan", "--profile", "agency", "--agency", "UBND xã Thử Nghiệm", "--box", "100,100,240,200"]
    assert "person_signature_missing" in sohoa("sign", paper, *seal, "-o", sealed, code=1).stderr
    sohoa("sign", paper, "--as", "can_bo", "-o", signed)
    sohoa("sign", signed, *seal, "-o", sealed)
    verdict = json.loads(sohoa("verify", sealed, "--trust", pki.trust, "--json").stdout)
    assert [one["verdict"] for one in verdict["signatures"]] == ["valid", "valid"]
    sealed.unlink()
    twice = tmp_path / "agency-alone.pdf"
    sohoa("sign", paper, "--as", "co_quan", "-o", twice)
    assert "person_signature_missing" in sohoa("sign", twice, *seal, "-o", sealed, code=1).stderr
    content = bytearray(signed.read_bytes())
    content[content.index(b"%PDF") + 10] ^= 1
    signed.write_bytes(content)
    assert "person_signature_missing" in sohoa("sign", signed, *seal, "-o", sealed, code=1).stderr
    assert not sealed.exists()


def test_a_person_whose_signature_nobody_can_prove_is_not_enough(sohoa, office, pki, papers: Path, tmp_path: Path) -> None:
    paper, signed, sealed = papers / "van-ban-001.pdf", tmp_path / "signed.pdf", tmp_path / "sealed.pdf"
    sohoa("sign", paper, "--as", "can_bo", "-o", signed)
    config = sohoa.home / "config.toml"
    config.write_text(config.read_text().split("[trust]")[0])
    seal = ["--as", "co_quan", "--profile", "agency", "--agency", "UBND xã", "--box", "100,100,240,200"]
    assert "person_signature_unproven" in sohoa("sign", signed, *seal, "-o", sealed, code=1).stderr
    assert not sealed.exists()


def test_a_document_with_a_broken_signature_is_not_signed_further(sohoa, office, papers: Path, tmp_path: Path) -> None:
    paper, signed, further = papers / "van-ban-001.pdf", tmp_path / "signed.pdf", tmp_path / "further.pdf"
    sohoa("sign", paper, "--as", "can_bo", "-o", signed)
    content = bytearray(signed.read_bytes())
    content[content.index(b"%PDF") + 10] ^= 1
    signed.write_bytes(content)
    assert "earlier_signature_broken" in sohoa("sign", signed, "--as", "co_quan", "-o", further, code=1).stderr
    assert [path.name for path in tmp_path.glob("*further*")] == []


def test_a_revoked_or_untrusted_certificate_signs_nothing(sohoa, office, pki, papers: Path, tmp_path: Path) -> None:
    config = sohoa.home / "config.toml"
    text = config.read_text()
    config.write_text(text.replace("officer.p12", "officer-revoked.p12"))
    out = tmp_path / "out"
    assert "identity_revoked" in sohoa("sign", papers, "--as", "can_bo", "-o", out, code=1).stderr
    stranger = trial_pki(tmp_path / "stranger")
    config.write_text(text.replace(str(pki.trust), str(stranger.trust)))
    assert "certificate_not_trusted" in sohoa("sign", papers, "--as", "can_bo", "-o", out, code=1).stderr
    assert not out.exists()


def test_the_settings_choose_padding_and_hash_for_old_verifiers(sohoa, office, pki, papers: Path, tmp_path: Path) -> None:
    config = sohoa.home / "config.toml"
    config.write_text(config.read_text().replace('officer.p12"\n', 'officer.p12"\npadding = "compat"\ndigest = "sha512"\n'))
    out = tmp_path / "s.pdf"
    sohoa("sign", papers / "van-ban-001.pdf", "--as", "can_bo", "-o", out)
    (signature,) = json.loads(sohoa("verify", out, "--trust", pki.trust, "--json").stdout)["signatures"]
    assert (signature["verdict"], "512" in signature["algorithm"], "PSS" in signature["algorithm"].upper()) == ("valid", True, False)


def test_a_full_disk_is_a_code_and_leaves_nothing_half_signed(sohoa, office, papers: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    room = (papers / "van-ban-001.pdf").stat().st_size + 600
    line = [*sohoa.line, "sign", papers / "van-ban-001.pdf", papers / "van-ban-002.pdf", "--as", "can_bo", "-o", out, "--json"]
    limit = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room})); os.execv(sys.argv[1], sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", limit, *map(str, line)], env=sohoa.env, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    assert [json.loads(text)["error_code"] for text in done.stdout.splitlines()] == ["disk_full", "disk_full"]
    assert list(out.iterdir()) == []


def test_a_token_pulled_out_in_mid_batch_ends_it_with_its_code_and_put_back_signs_the_rest(
    sohoa, token_store: Path, pki, papers: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    line = ["sign", papers, "--as", "van_thu", "-o", out, "--profile", "invisible", "--json"]
    with subprocess.Popen([*sohoa.line, *map(str, line)], env=sohoa.env, stdout=subprocess.PIPE, text=True) as running:
        deadline = monotonic() + 120
        while len(list(out.glob("*.pdf"))) < 3 and running.poll() is None and monotonic() < deadline:
            sleep(0.002)
        (taken,) = token_store.iterdir()
        taken.rename(tmp_path / "in the pocket")
        reports = [json.loads(text) for text in running.communicate(timeout=120)[0].splitlines()]
    assert running.returncode == 1
    assert len(reports) == COUNT
    codes = {report.get("error_code") for report in reports}
    assert codes == {None, "token_missing"}
    released = {path.name: path.read_bytes() for path in out.iterdir()}
    assert sorted(released) == sorted(Path(report["file"]).name for report in reports if "error_code" not in report)
    (tmp_path / "in the pocket").rename(taken)
    sohoa(*line)
    assert {signatures(path) for path in out.iterdir()} == {1}
    assert len(list(out.iterdir())) == COUNT
    assert all((out / name).read_bytes() == content for name, content in released.items())


def test_one_run_at_a_time_works_on_a_batch(sohoa, office, papers: Path, tmp_path: Path) -> None:
    line = ["sign", papers, "--as", "can_bo", "-o", tmp_path / "out"]
    with subprocess.Popen([*sohoa.line, *map(str, line)], env=sohoa.env, stdout=subprocess.DEVNULL) as first:
        while not list((sohoa.home / "signing").glob("*.jsonl")) and first.poll() is None:
            sleep(0.02)
        assert "batch_running" in sohoa(*line, code=2).stderr
        assert first.wait(120) == 0


def test_two_files_of_one_name_do_not_overwrite_each_other(sohoa, office, papers: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "van-ban-001.pdf").write_bytes((papers / "van-ban-001.pdf").read_bytes())
    line = ["sign", papers / "van-ban-001.pdf", other / "van-ban-001.pdf", "--as", "can_bo", "-o", tmp_path / "out"]
    assert "out_same_name" in sohoa(*line, code=2).stderr
