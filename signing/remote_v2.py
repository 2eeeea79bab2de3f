"""A key at a remote signing service that speaks the CSC API, version 2 (Cloud Signature Consortium, 2.0.0.2; TS 119 432).

One approval covers a batch: `credentials/authorize` names how many signatures and the digests of the first, the SAD it
gives is prolonged with `credentials/extendTransaction` for those that follow, and `signatures/signHash` signs several at a
time. A service that asks its user first answers with a `handle`; it is kept, and asked about again after a restart.
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from signing.algorithm import signature_algorithm
from signing.group import GroupKey, request_id
from signing.model import Notes, Order
from signing.service import Patience, Service, der
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient

_ACCEPTED = 202
_AT_ONCE = 50
_DIGESTS = {"sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
_WAITING = frozenset({"authorization_pending", "slow_down", "temporarily_unavailable"})
_REFUSALS = {
    "access_denied": "remote_rejected",
    "user_rejected": "remote_rejected",
    "invalid_pin": "pin_wrong",
    "pin_locked": "pin_locked",
    "otp_locked": "pin_locked",
    "invalid_otp": "remote_otp_wrong",
    "invalid_token": "remote_login_expired",
    "expired_token": "remote_login_expired",
    "invalid_client": "remote_login_expired",
    "expired_request": "remote_expired",
    "expired_handle": "remote_expired",
}


class _Key(msgspec.Struct):
    status: str = "enabled"


class _Certificates(msgspec.Struct):
    certificates: list[str] = []


class _Credential(msgspec.Struct):
    key: _Key
    cert: _Certificates
    multisign: int = 1


class _Credentials(msgspec.Struct):
    credentialIDs: list[str]


class _Token(msgspec.Struct):
    access_token: str


class _Authorised(msgspec.Struct):
    SAD: str = ""
    handle: str = ""


class _SignedHash(msgspec.Struct):
    signatures: list[str]


@dataclass(frozen=True)
class RemoteAccessV2:
    """How to reach one credential: `url` ends before "/credentials"; an empty `credential` means the only one.

    `secret` is the bearer token, or with `client` the secret that the service's OAuth 2.0 server wants for one. `pin` and
    `one_time_password` go into `authData` under the names PIN and OTP when they are given.
    """

    url: str
    credential: str = ""
    secret: str = field(default="", repr=False)
    client: str = ""
    pin: str = field(default="", repr=False)
    one_time_password: Callable[[], str] | None = field(default=None, repr=False)
    network: NetworkClient = field(default_factory=NetworkClient)
    patience: Patience = field(default_factory=Patience)


class RemoteKeyV2(GroupKey):
    """Threads may share it; their requests are made one after another. A refused PIN is not sent again.

    Raises SohoaError remote_failed, remote_login_expired, remote_key_disabled, remote_rejected, remote_expired,
    remote_pending, remote_otp_wrong, pin_wrong, pin_locked, key_missing, key_ambiguous; UsageError remote_not_secure.
    """

    def __init__(self, access: RemoteAccessV2) -> None:
        self._access = access
        self._service = Service(access.url, access.network, _REFUSALS)
        self._lock = threading.Lock()
        self._refused = ""
        self._token = self._login()
        self._credential = access.credential or self._only_one()
        asked = {"credentialID": self._credential, "certificates": "chain", "certInfo": False, "authInfo": True}
        found = self._service.ask("credentials/info", asked, _Credential, self._token)
        if found.key.status != "enabled":
            raise SohoaError("remote_key_disabled")
        certificates = [der(one) for one in found.cert.certificates]
        if not certificates:
            raise SohoaError("identity_unreadable")
        self.largest = max(1, min(found.multisign, 1000))
        self._certificate, self._chain = certificates[0], tuple(dict.fromkeys(certificates[1:]))

    @property
    def certificate(self) -> bytes:
        """The signer's certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The other certificates that the service knows, DER."""
        return self._chain

    def sign_group(self, orders: Sequence[Order], notes: Notes) -> Iterator[tuple[int, bytes]]:
        """See `signing.group.GroupKey`; only digests leave."""
        with self._lock:
            if self._refused:
                raise SohoaError(self._refused)
            approved = ""
            for start in range(0, len(orders), _AT_ONCE):
                part = orders[start : start + _AT_ONCE]
                approved = self._extended(approved, part) if approved else self._authorised(orders, part, notes)
                yield from enumerate(self._signed(part, approved), start)

    def _login(self) -> str:
        access = self._access
        if not access.client:
            return access.secret
        asked = {"grant_type": "client_credentials", "client_id": access.client, "client_secret": access.secret, "scope": "service"}
        return self._service.form("oauth2/token", asked, _Token).access_token

    def _only_one(self) -> str:
        found = self._service.ask("credentials/list", {"credentialInfo": False}, _Credentials, self._token).credentialIDs
        if len(found) > 1:
            raise SohoaError("key_ambiguous", keys=len(found))
        if not found:
            raise SohoaError("key_missing")
        return found[0]

    def _authorised(self, orders: Sequence[Order], first: Sequence[Order], notes: Notes) -> str:
        """Leave to make as many signatures as there are orders, beginning with `first`."""
        request = request_id(orders)
        handle = notes.recall(request)
        if not handle:
            answer = self._asked_for(orders, first, request)
            if answer.SAD:
                return answer.SAD
            handle = answer.handle
            if not handle:
                raise SohoaError("remote_failed")
            notes.keep(request, handle)
        notes.tell("pending", len(orders))
        approved = self._access.patience.until(lambda: self._checked(handle))
        notes.tell("approved", len(orders))
        return approved

    def _asked_for(self, orders: Sequence[Order], first: Sequence[Order], request: str) -> _Authorised:
        access = self._access
        data = [{"id": "PIN", "value": access.pin}] if access.pin else []
        if access.one_time_password:
            data.append({"id": "OTP", "value": access.one_time_password()})
        asked = {
            "credentialID": self._credential,
            "numSignatures": len(orders),
            **_digests(first),
            "authData": data,
            "description": f"Ký {len(orders)} tài liệu",
            "clientData": request,
        }
        try:
            return self._service.ask("credentials/authorize", asked, _Authorised, self._token)
        except SohoaError as error:
            if error.code in ("pin_wrong", "pin_locked"):
                self._refused = error.code
            raise

    def _checked(self, handle: str) -> str | None:
        """The SAD once the user has agreed, None while the user is still asked (§11.8 credentials/authorizeCheck)."""
        answer = self._service.post("credentials/authorizeCheck", {"handle": handle}, self._token)
        if answer.status == _ACCEPTED or self._service.refusal(answer) in _WAITING:
            return None
        return self._service.read(answer, _Authorised).SAD or None

    def _extended(self, approved: str, orders: Sequence[Order]) -> str:
        asked = {"credentialID": self._credential, "SAD": approved, **_digests(orders)}
        return self._service.ask("credentials/extendTransaction", asked, _Authorised, self._token).SAD

    def _signed(self, orders: Sequence[Order], approved: str) -> list[bytes]:
        named = signature_algorithm(orders[0].mechanism, orders[0].digest)
        asked = {
            "credentialID": self._credential,
            "SAD": approved,
            **_digests(orders),
            "signAlgo": named["algorithm"].dotted,
            "operationMode": "S",
        }
        if orders[0].mechanism == "rsassa_pss":
            asked["signAlgoParams"] = b64encode(named["parameters"].dump()).decode()
        found = self._service.ask("signatures/signHash", asked, _SignedHash, self._token).signatures
        if len(found) != len(orders):
            raise SohoaError("remote_failed")
        return [der(one) for one in found]


def _digests(orders: Sequence[Order]) -> dict[str, object]:
    return {"hashes": [b64encode(order.hashed).decode() for order in orders], "hashAlgorithmOID": _DIGESTS[orders[0].digest]}
