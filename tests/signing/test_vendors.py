"""VNPT SmartCA and Viettel MySign: servers that answer with the documented JSON, and a signer with a telephone."""

import json
import os
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.certificate import signature_matches
from signing.group import Forgetful, GroupKey
from signing.model import Approval, Order
from signing.mysign import MySignAccess, MySignKey
from signing.service import Patience
from signing.smartca import SmartCaAccess, SmartCaKey
from signing.trial import TrialPki
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules

LOCAL = NetworkClient(NetworkRules(loopback=True, seconds=5))
SECRET, USER = "office secret", "001000000001"


class Notes(Forgetful):
    """What a journal keeps."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}
        self.told: list[Approval] = []

    def recall(self, request: str) -> str:
        return self.of.get(request, "")

    def keep(self, request: str, transaction: str) -> None:
        self.of[request] = transaction

    def tell(self, state: Approval, orders: int) -> None:
        self.told.append(state)


class Vendor:
    """`signer` is what the person at the telephone does: waiting, agreed, refused, or too late."""

    def __init__(self, pki: TrialPki) -> None:
        key, own, above = pkcs12.load_key_and_certificates(pki.identity("officer").path.read_bytes(), pki.passphrase)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert own is not None
        self.key = key
        self.own, self.above = own, [b64encode(one.public_bytes(Encoding.DER)).decode() for one in above]
        self.signer = "waiting"
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.transactions: dict[str, dict[str, Any]] = {}

    def answer(self, path: str, asked: dict[str, Any], bearer: str | None) -> tuple[int, object]:
        raise NotImplementedError

    def signed(self, digest: bytes) -> str:
        return b64encode(self.key.sign(digest, padding.PKCS1v15(), utils.Prehashed(hashes.SHA256()))).decode()

    @property
    def certificate(self) -> str:
        return b64encode(self.own.public_bytes(Encoding.DER)).decode()


class SmartCa(Vendor):
    def answer(self, path: str, asked: dict[str, Any], bearer: str | None) -> tuple[int, object]:
        self.said.append((path, asked))
        if asked["sp_password"] != SECRET:
            return 401, {"status_code": 401, "message": "SP_CREDENTIAL_INVALID", "data": None}
        if path == "/sca/sp769/v1/credentials/get_certificate":
            chain = {"ca_cert": self.above[0], "root_cert": self.above[1]}
            old = {"serial_number": "00", "cert_status": "REVOKED", "cert_data": self.certificate, "chain_data": None}
            own = {"cert_id": "1", "serial_number": "5404ab", "cert_status": "ACTIVE", "cert_data": self.certificate, "chain_data": chain}
            return 200, {"status_code": 200, "message": "SUCCESS", "data": {"user_certificates": [old, own]}}
        if path == "/sca/sp769/v1/signatures/sign":
            code = f"code-{len(self.transactions) + 1}"
            self.transactions[code] = asked
            data = {"transaction_id": asked["transaction_id"], "tran_code": code}
            return 200, {"status_code": 200, "message": "sig_wait_for_user_confirm", "data": data}
        code = path.removeprefix("/sca/sp769/v1/signatures/sign/").removesuffix("/status")
        files = self.transactions[code]["sign_files"]
        if self.signer == "agreed":
            values = [{"doc_id": one["doc_id"], "signature_value": self.signed(bytes.fromhex(one["data_to_be_signed"]))} for one in files]
            return 200, {"status_code": 200, "message": "SUCCESS", "data": {"transaction_id": "x", "signatures": values[::-1]}}
        said = {"waiting": (200, "sig_wait_for_user_confirm"), "refused": (400, "SIGNER_REJECTED"), "too late": (400, "EXPIRED")}[
            self.signer
        ]
        return said[0], {"status_code": said[0], "message": said[1], "data": {"transaction_id": "x", "signatures": None}}

    def open(self, url: str, **more: Any) -> SmartCaKey:
        given: dict[str, Any] = {"password": SECRET, "network": LOCAL, "patience": Patience(0.3, 0.05), **more}
        return SmartCaKey(SmartCaAccess(f"{url}/sca/sp769", "office", USER, **given))


class MySign(Vendor):
    door = "vtss"

    def answer(self, path: str, asked: dict[str, Any], bearer: str | None) -> tuple[int, object]:
        self.said.append((path, asked))
        if path.endswith("/service/ras/v1/login"):
            assert (asked["client_id"], asked["user_id"], asked["profile_id"]) == ("office", USER, "adss:ras:profile:001")
            good = asked["client_secret"] == SECRET
            answer = {"access_token": "bearer", "refresh_token": "", "token_type": "Bearer", "expires_in": "3600"}
            return (200, answer) if good else (400, {"error": "86024", "error_description": "Client secret is invalid"})
        assert bearer == "Bearer bearer"
        cert = {"status": "valid", "certificates": [self.certificate, *self.above], "validTo": "20300117043150+0000"}
        if path == "/vtss/service/certificates/info":
            return 200, [{"key": {"status": "enabled", "len": "2048"}, "cert": cert, "multisign": "2147483647", "credential_id": "c1"}]
        if path == "/vtss/service/signHash":
            assert asked["async"] == 1
            assert asked["numSignatures"] == len(asked["hash"]) == len(asked["documents"])
            code = f"transaction-{len(self.transactions) + 1}"
            self.transactions[code] = asked
            return 200, {"transactionId": code}
        if path == "/vtss/service/requests/status":
            if self.signer == "agreed":
                values = [self.signed(b64decode(one)) for one in self.transactions[asked["transactionId"]]["hash"]]
                return 200, {"signatures": [f"{value[:76]}\r\n{value[76:]}" for value in values], "status": "1"}
            return 200, {"signatures": None, "status": {"waiting": "4000", "refused": "4002", "too late": "4001"}[self.signer]}
        if path == "/adss/service/ras/csc/v1/credentials/list":
            return 200, {"credentialIDs": ["c1"]}
        if path == "/adss/service/ras/csc/v1/credentials/info":
            return 200, {"key": {"status": "enabled"}, "cert": cert}
        if path == "/adss/service/ras/csc/v1/credentials/authorize":
            return (200, {"SAD": "leave"}) if self.signer == "agreed" else (400, {"error": "access_denied"})
        assert (path, asked["SAD"]) == ("/adss/service/ras/csc/v1/signatures/signHash", "leave")
        return 200, {"signatures": [self.signed(b64decode(one)) for one in asked["hash"]]}

    def open(self, url: str, **more: Any) -> MySignKey:
        given: dict[str, Any] = {"secret": SECRET, "network": LOCAL, "patience": Patience(0.3, 0.05), **more}
        return MySignKey(MySignAccess(url, "office", USER, space="adss:ras:profile:001", **given))


class MySignOlderDoor(MySign):
    def open(self, url: str, **more: Any) -> MySignKey:
        return super().open(f"{url}/adss", **more)


Running = Callable[[Vendor], AbstractContextManager[str]]


@pytest.fixture
def running(json_service: Callable[..., AbstractContextManager[str]]) -> Running:
    """A vendor's service; its address."""
    return lambda vendor: json_service(vendor.answer)


def orders(count: int) -> list[Order]:
    return [Order(b"1 attributes of " + str(n).encode(), "rsassa_pkcs1v15", "sha256", f"Nguyen Thi Vi Du {n}.pdf") for n in range(count)]


def sound(key: GroupKey, wanted: list[Order], values: dict[int, bytes]) -> bool:
    return len(values) == len(wanted) and all(
        signature_matches(key.certificate, "rsassa_pkcs1v15", "sha256", wanted[i].attributes, value) for i, value in values.items()
    )


BOTH = pytest.mark.parametrize("kind", [SmartCa, MySign])


@pytest.mark.parametrize("kind", [SmartCa, MySign, MySignOlderDoor])
def test_one_approval_on_the_telephone_signs_a_list(kind: type[SmartCa], pki: TrialPki, running: Running) -> None:
    vendor, notes, wanted = kind(pki), Notes(), orders(7)
    vendor.signer = "agreed"
    with running(vendor) as url:
        key = vendor.open(url)
        assert sound(key, wanted, dict(key.sign_group(wanted, notes)))
        assert len(key.chain) == 2
    assert notes.told == ["pending", "approved"]


@BOTH
def test_a_list_that_waits_is_found_again_after_a_restart_and_not_sent_twice(kind: type[SmartCa], pki: TrialPki, running: Running) -> None:
    vendor, notes, wanted = kind(pki), Notes(), orders(3)
    with running(vendor) as url:
        with pytest.raises(SohoaError, match="remote_pending"):
            list(vendor.open(url).sign_group(wanted, notes))
        vendor.signer = "agreed"
        key = vendor.open(url)
        assert sound(key, wanted, dict(key.sign_group(wanted, notes)))
    assert len(vendor.transactions) == 1


@BOTH
@pytest.mark.parametrize(
    ("signer", "code", "state"), [("refused", "remote_rejected", "rejected"), ("too late", "remote_expired", "expired")]
)
def test_what_the_signer_decides_comes_back_as_a_code(
    kind: type[SmartCa], signer: str, code: str, state: str, pki: TrialPki, running: Running
) -> None:
    vendor, notes = kind(pki), Notes()
    vendor.signer = signer
    with running(vendor) as url, pytest.raises(SohoaError, match=code):
        list(vendor.open(url).sign_group(orders(1), notes))
    assert notes.told[-1] == state


@pytest.mark.parametrize("kind", [SmartCa, MySign, MySignOlderDoor])
def test_only_digests_leave_and_no_name_of_a_file(kind: type[SmartCa], pki: TrialPki, running: Running) -> None:
    vendor = kind(pki)
    vendor.signer = "agreed"
    (order,) = orders(1)
    with running(vendor) as url:
        list(vendor.open(url).sign_group([order], Notes()))
    sent = json.dumps(vendor.said)
    assert order.hashed.hex() in sent or b64encode(order.hashed).decode() in sent
    for text in ("Nguyen", b64encode(order.name.encode()).decode()[:12], b64encode(order.attributes).decode(), order.attributes.hex()):
        assert text not in sent


@BOTH
def test_a_wrong_office_password_says_so_and_is_shown_nowhere(kind: type[SmartCa], pki: TrialPki, running: Running) -> None:
    vendor = kind(pki)
    field = "password" if kind is SmartCa else "secret"
    with running(vendor) as url, pytest.raises(SohoaError, match="remote_login_expired") as refused:
        vendor.open(url, **{field: "not this one"})
    assert "not this one" not in f"{refused.value} {refused.value.message}"


@BOTH
def test_an_algorithm_the_service_does_not_know_is_not_sent(kind: type[SmartCa], pki: TrialPki, running: Running) -> None:
    vendor = kind(pki)
    with running(vendor) as url:
        key = vendor.open(url)
        before = len(vendor.said)
        with pytest.raises(SohoaError, match="key_cannot_sign"):
            key.sign(b"1\x00", "rsassa_pss", "sha256")
        assert len(vendor.said) == before


def test_a_revoked_certificate_at_smartca_is_passed_over_and_an_unknown_one_refused(pki: TrialPki, running: Running) -> None:
    vendor = SmartCa(pki)
    with running(vendor) as url:
        assert vendor.open(url, serial="5404AB").certificate
        for serial in ("00", "99"):
            with pytest.raises(SohoaError, match="remote_key_disabled"):
                vendor.open(url, serial=serial)


# ------------------------------------------------------------------------------------------------- as a command


@contextmanager
def signing(url: str, home: Path, sources: Path, out: Path, *more: str) -> Iterator["subprocess.Popen[str]"]:
    """`sohoa sign` of a folder at SmartCA, in a process of its own."""
    home.mkdir(exist_ok=True)
    (home / "config.toml").write_text(
        f'[identities.lanh_dao]\nkind = "smartca"\nurl = "{url}/sca/sp769"\nclient = "office"\nuser = "{USER}"\n'
        "[timestamp]\nallow_loopback = true\nseconds = 5\n"
    )
    env = {**os.environ, "SOHOA_HOME": str(home), "SOHOA_LOGIN_LANH_DAO": SECRET}
    env["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    line = [sys.executable, "-P", "-m", "sohoa", "sign", str(sources), "--as", "lanh_dao", "-o", str(out), *(more or ["--json"])]
    with subprocess.Popen(line, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


@pytest.fixture
def papers(born_digital: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    folder.mkdir()
    for number in range(5):
        (folder / f"to-trinh-{number}.pdf").write_bytes(born_digital.read_bytes() + f"\n% {number}\n".encode())
    return folder


def sent_and_killed(vendor: SmartCa, url: str, home: Path, papers: Path, out: Path) -> None:
    """The command is killed while the signer has not looked at the telephone yet."""
    with signing(url, home, papers, out) as running:
        deadline = monotonic() + 60
        while not any(path.endswith("/status") for path, _ in vendor.said) and monotonic() < deadline and running.poll() is None:
            sleep(0.05)
        running.kill()
    assert len(vendor.transactions) == 1
    assert list(out.glob("*.pdf")) == []


def test_a_command_that_was_killed_takes_up_what_it_had_asked_for(pki: TrialPki, papers: Path, tmp_path: Path, running: Running) -> None:
    vendor, home, out = SmartCa(pki), tmp_path / "home", tmp_path / "out"
    with running(vendor) as url:
        sent_and_killed(vendor, url, home, papers, out)
        vendor.signer = "agreed"
        with signing(url, home, papers, out) as again:
            said, wrong = again.communicate(timeout=100)
    assert again.returncode == 0, said + wrong
    assert len(vendor.transactions) == 1
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in papers.iterdir())
    reports = [json.loads(line) for line in said.splitlines()]
    assert [report["integrity"] for report in reports] == ["intact"] * 5
    assert list((home / "signing").glob("*.jsonl")) == []
    assert SECRET not in said + wrong


def test_a_document_that_changed_while_its_approval_was_waited_for_is_not_signed(
    pki: TrialPki, papers: Path, tmp_path: Path, running: Running
) -> None:
    vendor, home, out = SmartCa(pki), tmp_path / "home", tmp_path / "out"
    with running(vendor) as url:
        sent_and_killed(vendor, url, home, papers, out)
        changed = papers / "to-trinh-2.pdf"
        changed.write_bytes(changed.read_bytes() + b"% more\n")
        vendor.signer = "agreed"
        with signing(url, home, papers, out) as again:
            said, wrong = again.communicate(timeout=100)
    assert again.returncode == 1, said + wrong
    assert [json.loads(line).get("error_code") for line in said.splitlines()] == [None, None, "document_changed", None, None]
    assert sorted(path.name for path in out.iterdir()) == [f"to-trinh-{number}.pdf" for number in (0, 1, 3, 4)]


def test_secrets_stand_in_no_file_of_a_batch(pki: TrialPki, papers: Path, tmp_path: Path, running: Running) -> None:
    vendor, home, out = SmartCa(pki), tmp_path / "home", tmp_path / "out"
    with running(vendor) as url:
        sent_and_killed(vendor, url, home, papers, out)
    written = [path for folder in (home, out) for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".jsonl" for path in written)
    assert all(SECRET.encode() not in path.read_bytes() for path in written)


def test_the_person_at_the_command_sees_how_a_request_stands(pki: TrialPki, papers: Path, tmp_path: Path, running: Running) -> None:
    vendor = SmartCa(pki)
    with running(vendor) as url, signing(url, tmp_path / "home", papers, tmp_path / "out", "--at-once", "1") as command:
        assert command.stderr is not None
        assert command.stderr.readline() == "5 tài liệu chờ xác nhận\n"
        vendor.signer = "refused"
        said = command.stderr.read()
    assert said.startswith("5 tài liệu bị từ chối\n")
    assert said.count("[remote_rejected]") == 5
