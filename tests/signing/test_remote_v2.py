"""CSC API version 2: a server that answers as the examples of the specification do, and signs with a real key."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.certificate import signature_matches
from signing.group import Forgetful
from signing.model import Order
from signing.remote_v2 import RemoteAccessV2, RemoteKeyV2
from signing.service import Patience
from signing.trial import TrialPki
from sohoa.errors import SohoaError, UsageError
from sohoa.net import NetworkClient, NetworkRules

LOCAL = NetworkClient(NetworkRules(loopback=True, seconds=5))
SHA256, PSS = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.10"


@dataclass
class Service:
    """Its state: the digests that each SAD may still sign, and how it treats the user."""

    pki: TrialPki
    pin: str = "12345678"
    multisign: int = 200
    asks_user: bool = False
    user: str = "waiting"
    status: str = "enabled"
    credentials: tuple[str, ...] = ("GX0112348",)
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    allowed: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        key, own, above = pkcs12.load_key_and_certificates(self.pki.identity("officer").path.read_bytes(), self.pki.passphrase)
        assert isinstance(key, rsa.RSAPrivateKey)
        assert own is not None
        self.key = key
        self.certificates = [b64encode(one.public_bytes(Encoding.DER)).decode() for one in (own, *above)]

    def answer(self, method: str, asked: dict[str, Any], bearer: str | None) -> tuple[int, dict[str, Any]]:
        self.said.append((method, asked))
        if method == "oauth2/token":
            good = asked["client_secret"] == "office secret"
            return (
                (200, {"access_token": "bearer", "token_type": "Bearer", "expires_in": 3600})
                if good
                else (400, {"error": "invalid_client"})
            )
        if bearer != "Bearer bearer":
            return 401, {"error": "invalid_token", "error_description": "The access token is not valid"}
        return getattr(self, method.rsplit("/", 1)[1])(asked)  # type: ignore[no-any-return]

    def list(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {"credentialIDs": list(self.credentials)}

    def info(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if asked["credentialID"] not in self.credentials:
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter credentialID"}
        return 200, {
            "key": {"status": self.status, "algo": ["1.2.840.113549.1.1.11", PSS], "len": 2048},
            "cert": {"status": "valid", "certificates": self.certificates},
            "auth": {"mode": "explicit", "expression": "PIN", "objects": [{"type": "Password", "id": "PIN", "format": "N"}]},
            "SCAL": "2",
            "multisign": self.multisign,
        }

    def authorize(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if not 0 < asked["numSignatures"] <= self.multisign:
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter numSignatures"}
        if {"id": "PIN", "value": self.pin} not in asked["authData"]:
            return 400, {"error": "invalid_pin", "error_description": "The PIN is invalid"}
        self.left["SAD-1"] = asked["numSignatures"]
        self.allowed["SAD-1"] = asked["hashes"]
        return (200, {"handle": "handle-1"}) if self.asks_user else (200, {"SAD": "SAD-1", "expiresIn": 3600})

    def authorizeCheck(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        assert asked["handle"] == "handle-1"
        states = {"waiting": (202, {}), "agreed": (200, {"SAD": "SAD-1"}), "refused": (400, {"error": "access_denied"})}
        return states[self.user]

    def extendTransaction(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if asked["SAD"] not in self.allowed:
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter SAD"}
        sad = f"SAD-{len(self.allowed) + 1}"
        self.left[sad] = self.left[asked["SAD"]]
        self.allowed[sad] = asked["hashes"]
        return 200, {"SAD": sad, "expiresIn": 3600}

    def signHash(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        sad = asked["SAD"]
        if any(one not in self.allowed.get(sad, []) for one in asked["hashes"]) or self.left[sad] < len(asked["hashes"]):
            return 400, {"error": "invalid_request", "error_description": "Hash is not authorized by the SAD"}
        self.left[sad] -= len(asked["hashes"])
        assert (asked["hashAlgorithmOID"], asked["signAlgo"]) == (SHA256, PSS)
        assert asked["signAlgoParams"]
        pss, ready = padding.PSS(padding.MGF1(hashes.SHA256()), 32), utils.Prehashed(hashes.SHA256())
        return 200, {"signatures": [b64encode(self.key.sign(b64decode(one), pss, ready)).decode() for one in asked["hashes"]]}


@pytest.fixture
def service(pki: TrialPki, json_service: Callable[..., AbstractContextManager[str]]) -> Iterator[Service]:
    up = Service(pki)
    with json_service(lambda path, asked, bearer: up.answer(path.removeprefix("/csc/v2/"), asked, bearer)) as url:
        up.url = f"{url}/csc/v2"
        yield up


def access(service: Service, **more: Any) -> RemoteAccessV2:
    given: dict[str, Any] = {"secret": "bearer", "pin": service.pin, "network": LOCAL, "patience": Patience(0.3, 0.05), **more}
    return RemoteAccessV2(service.url, **given)


def orders(count: int) -> list[Order]:
    return [Order(b"1 attributes of " + str(number).encode(), "rsassa_pss", "sha256", "Nguyen Thi Vi Du.pdf") for number in range(count)]


def methods(service: Service) -> list[str]:
    return [method for method, _ in service.said]


def test_one_approval_signs_a_batch_and_is_extended_for_what_follows(service: Service) -> None:
    key = RemoteKeyV2(access(service))
    wanted = orders(120)
    values = dict(key.sign_group(wanted, Forgetful()))
    assert all(signature_matches(key.certificate, "rsassa_pss", "sha256", wanted[i].attributes, values[i]) for i in range(120))
    assert methods(service).count("credentials/authorize") == 1
    assert methods(service).count("credentials/extendTransaction") == 2
    assert methods(service).count("signatures/signHash") == 3
    (authorised,) = (asked for method, asked in service.said if method == "credentials/authorize")
    assert authorised["numSignatures"] == 120


def test_a_single_file_is_signed_too_and_the_only_credential_is_found(service: Service) -> None:
    key = RemoteKeyV2(access(service))
    assert signature_matches(key.certificate, "rsassa_pss", "sha256", b"1\x00", key.sign(b"1\x00", "rsassa_pss", "sha256"))
    assert methods(service)[0] == "credentials/list"
    assert key.largest == 200


def test_the_bearer_token_is_asked_of_the_services_own_server(service: Service) -> None:
    assert RemoteKeyV2(access(service, secret="office secret", client="office")).certificate
    assert service.said[0][1] == {
        "grant_type": "client_credentials",
        "client_id": "office",
        "client_secret": "office secret",
        "scope": "service",
    }
    with pytest.raises(SohoaError, match="remote_login_expired"):
        RemoteKeyV2(access(service, secret="wrong", client="office"))


def test_a_token_that_is_not_taken_says_so(service: Service) -> None:
    with pytest.raises(SohoaError, match="remote_login_expired"):
        RemoteKeyV2(access(service, secret="old"))


def test_only_digests_leave(service: Service) -> None:
    key = RemoteKeyV2(access(service))
    (order,) = orders(1)
    list(key.sign_group([order], Forgetful()))
    sent = json.dumps(service.said)
    assert "Nguyen" not in sent
    assert b64encode(order.attributes).decode() not in sent
    assert service.said[-1][1]["hashes"] == [b64encode(sha256(order.attributes).digest()).decode()]
    assert sent.count(service.pin) == 1
    assert service.pin not in repr(access(service))


def test_a_refused_pin_is_not_sent_again(service: Service) -> None:
    key = RemoteKeyV2(access(service, pin="0000"))
    for _ in range(3):
        with pytest.raises(SohoaError, match="pin_wrong"):
            key.sign(b"1\x00", "rsassa_pss", "sha256")
    assert methods(service).count("credentials/authorize") == 1


def test_a_user_who_is_asked_first_is_waited_for_and_after_a_restart_not_asked_again(service: Service) -> None:
    class Kept(Forgetful):
        def __init__(self) -> None:
            self.of: dict[str, str] = {}

        def recall(self, request: str) -> str:
            return self.of.get(request, "")

        def keep(self, request: str, transaction: str) -> None:
            self.of[request] = transaction

    service.asks_user, notes, wanted = True, Kept(), orders(3)
    with pytest.raises(SohoaError, match="remote_pending"):
        list(RemoteKeyV2(access(service)).sign_group(wanted, notes))
    service.user = "agreed"
    assert len(list(RemoteKeyV2(access(service)).sign_group(wanted, notes))) == 3
    assert methods(service).count("credentials/authorize") == 1
    service.user = "refused"
    with pytest.raises(SohoaError, match="remote_rejected"):
        list(RemoteKeyV2(access(service)).sign_group(orders(4), notes))


def test_of_several_credentials_none_is_guessed_and_a_disabled_one_is_refused(service: Service) -> None:
    service.credentials = ("GX0112348", "HX0224685")
    with pytest.raises(SohoaError, match="key_ambiguous"):
        RemoteKeyV2(access(service))
    assert RemoteKeyV2(access(service, credential="HX0224685")).certificate
    with pytest.raises(SohoaError, match="remote_failed"):
        RemoteKeyV2(access(service, credential="nobody"))
    service.status = "disabled"
    with pytest.raises(SohoaError, match="remote_key_disabled"):
        RemoteKeyV2(access(service, credential="HX0224685"))


def test_secrets_do_not_travel_in_the_clear(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="remote_not_secure"):
        RemoteKeyV2(RemoteAccessV2("http://rssp.example/csc/v2", secret="x"))
