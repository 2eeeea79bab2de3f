import json
import socket
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import sleep

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from signing.certificate import signature_matches
from signing.keyholder import KeyProcess
from signing.model import Facts, Trust
from signing.profiles import load_profile
from signing.remote import RemoteAccess, RemoteKey
from signing.service import Patience
from signing.sign import sign_file
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from sohoa.net import NetworkClient, NetworkRules

LOCAL = NetworkClient(NetworkRules(loopback=True, seconds=5))
VALID = '{valid-from: "2020-01-01T00:00:00+0000", valid-to: "2100-01-01T00:00:00+0000"}'
SERVICE = f"""
keysets:
  office:
    path-prefix: keys
    keys: {{root: {{path: root.pem}}, officer: {{path: officer.pem}}, curve: {{path: curve.pem}}}}
pki-architectures:
  office:
    keyset: office
    entity-defaults: {{country-name: VN, organization-name: THỬ NGHIỆM}}
    entities:
      root: {{common-name: CA ký số từ xa THỬ NGHIỆM}}
      officer: {{common-name: Nguyễn Thị Ví Dụ}}
      curve: {{common-name: Trần Văn Giả Định}}
    certs:
      root: {{subject: root, issuer: root, validity: {VALID}, profiles: [{{id: simple-ca}}]}}
      officer: {{subject: officer, issuer: root, validity: {VALID}, profiles: [{{id: digsig-commitment}}]}}
      curve: {{subject: curve, issuer: root, validity: {VALID}, profiles: [{{id: digsig-commitment}}]}}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real CSC server, which binds each leave to sign to its digest."""
    folder = tmp_path_factory.mktemp("csc")
    (folder / "keys").mkdir()
    for name in ("root", "officer", "curve"):
        key = ec.generate_private_key(ec.SECP256R1()) if name == "curve" else rsa.generate_private_key(65537, 2048)
        shape = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        (folder / "keys" / f"{name}.pem").write_bytes(key.private_bytes(*shape))
    (folder / "certomancer.yml").write_text(SERVICE, encoding="utf8")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "csc_dummy", "certomancer.yml", str(port), "2"]
    with subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/csc/v1"
        finally:
            running.terminate()


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            sleep(0.1)
        else:
            return
    raise TimeoutError


def open_key(service: str, credential: str) -> RemoteKey:
    return RemoteKey(RemoteAccess(service, f"office/{credential}", network=LOCAL))


@pytest.mark.parametrize(
    ("credential", "mechanism", "digest"),
    [("officer", "rsassa_pss", "sha256"), ("officer", "rsassa_pkcs1v15", "sha512"), ("curve", "ecdsa", "sha384")],
)
def test_a_signature_from_a_remote_service_fits_its_certificate(credential: str, mechanism: str, digest: str, service: str) -> None:
    key = open_key(service, credential)
    value = key.sign(b"1\x00", mechanism, digest)  # type: ignore[arg-type]
    assert signature_matches(key.certificate, mechanism, digest, b"1\x00", value)  # type: ignore[arg-type]


def test_a_file_signed_at_a_remote_service_verifies(service: str, born_digital: Path, tmp_path: Path, child: Child, now: datetime) -> None:
    from asn1crypto.x509 import Certificate

    key = open_key(service, "officer")
    trust = Trust(anchors=key.chain)
    signed = sign_file(born_digital, tmp_path / "s.pdf", key, load_profile("cv7197"), "b", child, None, Facts(now), trust=trust)
    context = ValidationContext(trust_roots=[Certificate.load(key.chain[0])], allow_fetching=False)
    with signed.path.open("rb") as file:
        (one,) = PdfFileReader(file).embedded_regular_signatures
        assert validate_pdf_signature(one, context).bottom_line


def test_a_credential_the_service_does_not_know_is_refused(service: str) -> None:
    with pytest.raises(SohoaError, match="remote_failed"):
        open_key(service, "nobody")


# ---------------------------------------------------------- what a service may answer, word for word as CSC 1.0.4 has it


Answering = Callable[[bytes, list[tuple[int, object]]], AbstractContextManager[tuple[str, list[dict[str, object]]]]]


@pytest.fixture
def answering(json_service: Callable[..., AbstractContextManager[str]]) -> Answering:
    """A service that knows one credential and answers each authorisation with the next of `replies`."""

    @contextmanager
    def made(certificate: bytes, replies: list[tuple[int, object]]) -> Iterator[tuple[str, list[dict[str, object]]]]:
        asked: list[dict[str, object]] = []
        left = list(replies)

        def reply(path: str, body: dict[str, object], bearer: str | None) -> tuple[int, object]:
            asked.append({**body, "path": path, "bearer": bearer})
            info = {"key": {"status": "enabled"}, "cert": {"certificates": [b64encode(certificate).decode()]}}
            return (200, info) if path.endswith("/info") else left.pop(0)

        with json_service(reply) as url:
            yield f"{url}/csc/v1", asked

    return made


PENDING = (202, {"error": "authorization_pending"})


@pytest.mark.parametrize(
    ("status", "reply", "code"),
    [
        (400, {"error": "access_denied"}, "remote_rejected"),
        (400, {"error": "invalid_pin"}, "pin_wrong"),
        (400, {"error": "invalid_otp"}, "remote_otp_wrong"),
        (400, {"error": "expired_token"}, "remote_login_expired"),
        (401, b"", "remote_login_expired"),
        (500, {"error": "server_error"}, "remote_failed"),
        (200, b"<html>", "remote_failed"),
        (200, {"SAD": 5}, "remote_failed"),
        (302, b"", "remote_failed"),
    ],
)
def test_what_the_owner_or_the_service_decides_comes_back_as_a_code(
    status: int, reply: object, code: str, officer: KeyProcess, answering: Answering
) -> None:
    with answering(officer.certificate, [(status, reply)]) as (url, _):
        key = RemoteKey(RemoteAccess(url, "x", network=LOCAL))
        with pytest.raises(SohoaError, match=code):
            key.sign(b"1\x00", "rsassa_pss", "sha256")


def test_a_pending_approval_is_waited_for(officer: KeyProcess, answering: Answering) -> None:
    replies: list[tuple[int, object]] = [PENDING, PENDING, (200, {"SAD": "leave"}), (200, {"signatures": [b64encode(b"value").decode()]})]
    pauses: list[float] = []
    with answering(officer.certificate, replies) as (url, asked):
        key = RemoteKey(RemoteAccess(url, "x", network=LOCAL, patience=Patience(pause=3.0, sleep=pauses.append)))
        assert key.sign(b"1\x00", "rsassa_pss", "sha256") == b"value"
    assert pauses == [3.0, 3.0]
    assert asked[-1]["SAD"] == "leave"


def test_an_approval_that_never_comes_expires(officer: KeyProcess, answering: Answering) -> None:
    with answering(officer.certificate, [PENDING]) as (url, _):
        key = RemoteKey(RemoteAccess(url, "x", network=LOCAL, patience=Patience(wait=1.0)))
        with pytest.raises(SohoaError, match="remote_expired"):
            key.sign(b"1\x00", "rsassa_pss", "sha256")


def test_a_refused_pin_is_not_sent_again(officer: KeyProcess, answering: Answering) -> None:
    with answering(officer.certificate, [(400, {"error": "invalid_pin"})]) as (url, asked):
        key = RemoteKey(RemoteAccess(url, "x", pin="0000", network=LOCAL))
        for _ in range(3):
            with pytest.raises(SohoaError, match="pin_wrong"):
                key.sign(b"1\x00", "rsassa_pss", "sha256")
    assert [one["PIN"] for one in asked if "PIN" in one] == ["0000"]


def test_the_digest_is_all_that_leaves_and_secrets_go_only_where_they_belong(officer: KeyProcess, answering: Answering) -> None:
    attributes = b"1" + b"Nguyen Thi Vi Du"
    replies: list[tuple[int, object]] = [(200, {"SAD": "leave"}), (200, {"signatures": [b64encode(b"value").decode()]})]
    with answering(officer.certificate, replies) as (url, asked):
        access = RemoteAccess(url, "x", "bearer", "1234", lambda: "777", LOCAL)
        RemoteKey(access).sign(attributes, "rsassa_pss", "sha256")
    sent = json.dumps(asked)
    assert "Nguyen" not in sent
    assert b64encode(attributes).decode() not in sent
    assert all(one["bearer"] == "Bearer bearer" for one in asked)
    authorised, signed = asked[1], asked[2]
    (digest,) = signed["hash"]  # type: ignore[misc]
    assert b64decode(digest) == sha256(attributes).digest()
    assert authorised["hash"] == signed["hash"]
    assert (authorised["PIN"], authorised["OTP"]) == ("1234", "777")
    assert "PIN" not in signed
    assert "1234" not in repr(access)


def test_a_wrong_value_from_the_service_leaves_no_file(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime, answering: Answering
) -> None:
    replies: list[tuple[int, object]] = [(200, {"SAD": "leave"}), (200, {"signatures": [b64encode(b"0" * 256).decode()]})]
    with answering(officer.certificate, replies) as (url, _):
        key = RemoteKey(RemoteAccess(url, "x", network=LOCAL))
        with pytest.raises(SohoaError, match="signature_wrong"):
            sign_file(born_digital, tmp_path / "s.pdf", key, load_profile("invisible"), "b", child, None, Facts(now))
    assert list(tmp_path.iterdir()) == []


def test_a_service_inside_our_network_is_not_asked() -> None:
    with pytest.raises(SohoaError, match="net_address"):
        RemoteKey(RemoteAccess("https://127.0.0.1:9/csc/v1", "x"))


def test_a_token_and_a_pin_do_not_travel_in_the_clear() -> None:
    with pytest.raises(UsageError, match="remote_not_secure"):
        RemoteKey(RemoteAccess("http://rssp.example/csc/v1", "x", "bearer", "1234"))
