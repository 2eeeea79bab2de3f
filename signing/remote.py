"""A key at a remote signing service that speaks the CSC API, version 1 (Cloud Signature Consortium, 1.0.4; TS 119 432).

Only the digest of the signed attributes leaves this machine. Approval may take its time: while the service says that it
is pending, it is asked again until `wait` seconds have passed. What the owner of the key decides comes back as a code:
remote_rejected, remote_expired. A document that changed in the meantime is found when its signature is put in.
"""

import contextlib
import hashlib
import threading
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import TypeVar

import msgspec

from signing.algorithm import signature_algorithm
from signing.model import Digest, Mechanism
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, Response

_OK, _PENDING, _UNAUTHORISED = 200, 202, 401
_DIGESTS = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
_WAITING = frozenset({"authorization_pending", "slow_down", "temporarily_unavailable"})
_CODES = {
    "access_denied": "remote_rejected",
    "user_rejected": "remote_rejected",
    "invalid_pin": "pin_wrong",
    "pin_locked": "pin_locked",
    "otp_locked": "pin_locked",
    "invalid_otp": "remote_otp_wrong",
    "invalid_token": "remote_login_expired",
    "expired_token": "remote_login_expired",
    "expired_request": "remote_expired",
    "expired": "remote_expired",
}


class _Key(msgspec.Struct):
    status: str = "enabled"


class _Certificates(msgspec.Struct):
    certificates: list[str] = []


class _Credential(msgspec.Struct):
    key: _Key
    cert: _Certificates


class _Authorised(msgspec.Struct):
    SAD: str


class _SignedHash(msgspec.Struct):
    signatures: list[str]


class _Refused(msgspec.Struct):
    error: str = ""


_Answer = TypeVar("_Answer")


@dataclass(frozen=True)
class RemoteAccess:
    """How to reach one credential: `url` ends before "/credentials"; `token` is the bearer token of the service's own login.

    `pin` is sent with each authorisation when the credential asks for one; `one_time_password` is called for each.
    """

    url: str
    credential: str
    token: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    one_time_password: Callable[[], str] | None = field(default=None, repr=False)
    network: NetworkClient = field(default_factory=NetworkClient)
    wait: float = 300.0
    pause: float = 3.0
    sleep: Callable[[float], None] = sleep


class RemoteKey:
    """A `signing.model.KeyHolder`. Threads may share it, and sign side by side once the first of them was let in.

    Raises SohoaError remote_failed, remote_login_expired, remote_key_disabled, remote_rejected, remote_expired,
    remote_otp_wrong, pin_wrong, pin_locked. A refused PIN is not sent again.
    """

    def __init__(self, access: RemoteAccess) -> None:
        self._access = access
        self._lock = threading.Lock()
        self._refused = ""
        self._accepted = False
        asked: dict[str, object] = {"credentialID": access.credential, "certificates": "chain"}
        found = self._ask("credentials/info", asked, _Credential)
        if found.key.status != "enabled":
            raise SohoaError("remote_key_disabled")
        try:
            certificates = [b64decode(one) for one in found.cert.certificates]
        except NotBase64:
            raise SohoaError("remote_failed") from None
        if not certificates:
            raise SohoaError("identity_unreadable")
        self._certificate, self._chain = certificates[0], tuple(dict.fromkeys(certificates[1:]))

    @property
    def certificate(self) -> bytes:
        """The signer's certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The other certificates that the service knows, DER."""
        return self._chain

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        """The raw signature over `attributes`, whose digest alone is sent."""
        hashed = b64encode(hashlib.new(digest, attributes).digest()).decode()
        named = signature_algorithm(mechanism, digest)
        asked = {
            "credentialID": self._access.credential,
            "hash": [hashed],
            "hashAlgo": _DIGESTS[digest],
            "signAlgo": named["algorithm"].dotted,
        }
        if mechanism == "rsassa_pss":
            asked["signAlgoParams"] = b64encode(named["parameters"].dump()).decode()
        # Until a PIN has been taken once it is tried by one thread alone: several mistakes at a time would lock it.
        with contextlib.nullcontext() if self._accepted else self._lock:
            approved = self._authorise(hashed)
            self._accepted = True
            signed = self._ask("signatures/signHash", {**asked, "SAD": approved}, _SignedHash)
        try:
            (value,) = signed.signatures
            return b64decode(value, validate=True)
        except ValueError:
            raise SohoaError("remote_failed") from None

    def _authorise(self, hashed: str) -> str:
        """Leave to sign this very digest and no other."""
        if self._refused:
            raise SohoaError(self._refused)
        access = self._access
        asked: dict[str, object] = {"credentialID": access.credential, "numSignatures": 1, "hash": [hashed]}
        if access.pin:
            asked["PIN"] = access.pin
        if access.one_time_password:
            asked["OTP"] = access.one_time_password()
        try:
            return self._ask("credentials/authorize", asked, _Authorised).SAD
        except SohoaError as error:
            if error.code in ("pin_wrong", "pin_locked"):
                self._refused = error.code
            raise

    def _ask(self, method: str, asked: dict[str, object], answers: type[_Answer]) -> _Answer:
        deadline = monotonic() + self._access.wait
        while True:
            answer = self._post(method, asked)
            if answer.status == _OK:
                return _decoded(answer.body, answers)
            refused = _refusal(answer)
            if answer.status != _PENDING and refused not in _WAITING:
                raise SohoaError("remote_login_expired" if answer.status == _UNAUTHORISED else _CODES.get(refused, "remote_failed"))
            if monotonic() + self._access.pause > deadline:
                raise SohoaError("remote_expired")
            self._access.sleep(self._access.pause)

    def _post(self, method: str, asked: dict[str, object]) -> Response:
        headers = {"Authorization": f"Bearer {self._access.token}"} if self._access.token else {}
        try:
            body = msgspec.json.encode(asked)
            return self._access.network.post(f"{self._access.url.rstrip('/')}/{method}", body, "application/json", headers)
        except SohoaError as error:
            if error.code == "net_time":
                raise SohoaError("remote_expired") from None
            raise


def _decoded(body: bytes, answers: type[_Answer]) -> _Answer:
    try:
        return msgspec.json.decode(body, type=answers)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise SohoaError("remote_failed") from None


def _refusal(answer: Response) -> str:
    try:
        return msgspec.json.decode(answer.body, type=_Refused).error
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
