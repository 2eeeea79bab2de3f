import os
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from signing.certificate import signature_matches
from signing.keyholder import KeyProcess
from signing.trial import TrialPki
from sohoa.errors import SohoaError

PARSERS = ("pikepdf", "pypdfium2", "cv2", "PIL", "pyhanko", "asn1crypto", "lxml", "onnxruntime", "fontTools", "ssl", "http")


def frame(*values: object) -> bytes:
    body = b"".join(msgspec.msgpack.encode(value) for value in values)
    return len(body).to_bytes(4, "big") + body


def test_a_wrong_passphrase_says_so(pki: TrialPki) -> None:
    with pytest.raises(SohoaError, match="pin_wrong"):
        KeyProcess(pki.identity("officer"), b"not this one")


def test_an_empty_passphrase_is_a_wrong_one(pki: TrialPki) -> None:
    with pytest.raises(SohoaError, match="pin_wrong"):
        KeyProcess(pki.identity("officer"), b"")


@pytest.mark.parametrize("content", [b"", b"no key at all", b"0\x03\x02\x01\x03", b"%PDF-1.7"])
def test_a_file_that_is_no_identity_says_so(content: bytes, pki: TrialPki, tmp_path: Path) -> None:
    path = tmp_path / "x.p12"
    path.write_bytes(content)
    with pytest.raises(SohoaError, match="identity_unreadable"):
        KeyProcess(replace(pki.identity("officer"), path=path), pki.passphrase)


def test_a_missing_file_says_so(pki: TrialPki, tmp_path: Path) -> None:
    with pytest.raises(SohoaError, match="identity_unreadable"):
        KeyProcess(replace(pki.identity("officer"), path=tmp_path / "none.p12"), pki.passphrase)


def test_a_key_beside_somebody_elses_certificate_is_no_identity(pki: TrialPki, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    key, _, _ = pkcs12.load_key_and_certificates(pki.identity("officer").path.read_bytes(), pki.passphrase)
    _, certificate, _ = pkcs12.load_key_and_certificates(pki.identity("agency").path.read_bytes(), pki.passphrase)
    path = tmp_path / "mixed.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(b"x", key, None, [certificate], serialization.BestAvailableEncryption(pki.passphrase))  # type: ignore[arg-type,list-item]
    )
    with pytest.raises(SohoaError, match="identity_unreadable"):
        KeyProcess(replace(pki.identity("officer"), path=path), pki.passphrase)


def test_the_process_loads_no_parser_and_no_http(pki: TrialPki) -> None:
    """The very life of the process, and at its end the list of what it had imported."""
    identity = pki.identity("officer")
    talk = frame({"path": str(identity.path), "passphrase": pki.passphrase})
    talk += frame({"attributes": b"1\x00", "mechanism": "rsassa_pss", "digest": "sha256"})
    life = "import sys, signing.keyholder as k; k.main(); sys.stderr.write('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", life], input=talk, capture_output=True, check=True)
    loaded = {name.split(".")[0] for name in done.stderr.decode().split()}
    assert len(done.stdout) > 256  # it did open the identity and sign
    assert "cryptography" in loaded
    assert loaded.isdisjoint(PARSERS)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="the maps of an undumpable process are root's to read")
def test_no_parsers_library_is_mapped_into_the_process(officer: KeyProcess) -> None:
    maps = Path(f"/proc/{officer.pid}/maps").read_text()
    assert "cryptography" in maps
    assert not any(name in maps for name in ("pikepdf", "pdfium", "cv2", "PIL", "lxml", "onnxruntime"))


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="the environment of an undumpable process is root's to read")
def test_the_passphrase_is_in_no_argument_and_no_environment(officer: KeyProcess, pki: TrialPki) -> None:
    process = Path(f"/proc/{officer.pid}")
    assert pki.passphrase not in (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert b"-m\0signing.keyholder" in (process / "cmdline").read_bytes()


def test_secrets_of_our_environment_do_not_reach_the_key_holder(pki: TrialPki, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("the environment of an undumpable process is root's to read")
    monkeypatch.setenv("SOHOA_WEBHOOK_SECRET", "s3cret")
    with KeyProcess(pki.identity("officer"), pki.passphrase) as holder:
        assert b"s3cret" not in Path(f"/proc/{holder.pid}/environ").read_bytes()


def test_threads_may_share_one_key_holder(officer: KeyProcess) -> None:
    results: list[bool] = []

    def sign(number: int) -> None:
        attributes = b"1" + bytes([number]) * 50
        value = officer.sign(attributes, "rsassa_pss", "sha256")
        results.append(signature_matches(officer.certificate, "rsassa_pss", "sha256", attributes, value))

    threads = [threading.Thread(target=sign, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 12


def test_a_mechanism_that_does_not_fit_the_key_is_refused_and_the_holder_lives_on(officer: KeyProcess) -> None:
    with pytest.raises(SohoaError, match="key_cannot_sign"):
        officer.sign(b"1\x00", "ecdsa", "sha256")
    assert officer.sign(b"1\x00", "rsassa_pss", "sha256")


def test_closing_ends_the_process_and_later_orders_are_refused(pki: TrialPki) -> None:
    holder = KeyProcess(pki.identity("officer"), pki.passphrase)
    pid = holder.pid
    holder.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(SohoaError, match="key_holder_died"):
        holder.sign(b"1\x00", "rsassa_pss", "sha256")


def test_a_refused_identity_leaves_no_process(pki: TrialPki) -> None:
    def holders() -> set[int]:
        found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "signing.keyholder"], capture_output=True, text=True, check=False)
        return {int(pid) for pid in found.stdout.split()}

    before = holders()
    with pytest.raises(SohoaError):
        KeyProcess(pki.identity("officer"), b"wrong")
    assert holders() == before


def test_every_thread_that_waits_hears_of_the_holders_death(pki: TrialPki) -> None:
    """Killed while many wait: each gets the code, none waits for ever."""
    with KeyProcess(pki.identity("officer"), pki.passphrase) as holder:
        told: list[str] = []

        def sign() -> None:
            try:
                while True:
                    holder.sign(b"1\x00", "rsassa_pss", "sha256")
            except SohoaError as error:
                told.append(error.code)

        threads = [threading.Thread(target=sign) for _ in range(6)]
        for thread in threads:
            thread.start()
        os.kill(holder.pid, 9)
        for thread in threads:
            thread.join(20)
        assert told == ["key_holder_died"] * 6
