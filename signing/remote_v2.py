"""A key at a remote signing service that speaks the CSC API, version 2 (Cloud Signature Consortium, 2.0.0.2; TS 119 432).

One approval covers a batch: `credentials/authorize` names how many signatures and the digests of the first, the SAD it
gives is prolonged with `credentials/extendTransaction` for those that follow, and `signatures/signHash` signs several at a
time. A service that asks its user first answers with a `handle`; it is kept, and asked about again after a restart.
"""

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from signing.csc import (
    DIGESTS,
    REFUSALS,
    Authorised,
    Credential,
    Credentials,
    SignedHash,
    Token,
    certificates_of,
    how_to_sign,
    only_one,
    unless_pending,
)
from signing.group import GroupKey, awaited, request_id
from signing.model import Notes, Order
from signing.service import Patience, Service, der
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient

_AT_ONCE = 50


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
        self._service = Service(access.url, access.network, REFUSALS)
        self._lock = threading.Lock()
        self._refused = ""
        self._token = self._login()
        self._credential = access.credential or self._the_only_one()
        asked = {"credentialID": self._credential, "certificates": "chain", "certInfo": False, "authInfo": True}
        found = self._service.ask("credentials/info", asked, Credential, self._token)
        super().__init__(certificates_of(found))
        self.largest = max(1, min(found.multisign, 1000))

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
        return self._service.form("oauth2/token", asked, Token).access_token

    def _the_only_one(self) -> str:
        return only_one(self._service.ask("credentials/list", {"credentialInfo": False}, Credentials, self._token).credentialIDs)

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
        with awaited(notes, len(orders)):
            return self._access.patience.until(lambda: self._checked(handle))

    def _asked_for(self, orders: Sequence[Order], first: Sequence[Order], request: str) -> Authorised:
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
            return self._service.ask("credentials/authorize", asked, Authorised, self._token)
        except SohoaError as error:
            if error.code in ("pin_wrong", "pin_locked"):
                self._refused = error.code
            raise

    def _checked(self, handle: str) -> str | None:
        """The SAD once the user has agreed, None while the user is still asked (§11.8 credentials/authorizeCheck)."""
        answer = unless_pending(self._service, "credentials/authorizeCheck", {"handle": handle}, self._token, Authorised)
        return answer.SAD or None if answer else None

    def _extended(self, approved: str, orders: Sequence[Order]) -> str:
        asked = {"credentialID": self._credential, "SAD": approved, **_digests(orders)}
        return self._service.ask("credentials/extendTransaction", asked, Authorised, self._token).SAD

    def _signed(self, orders: Sequence[Order], approved: str) -> list[bytes]:
        asked = {
            "credentialID": self._credential,
            "SAD": approved,
            **_digests(orders),
            **how_to_sign(orders[0].mechanism, orders[0].digest),
            "operationMode": "S",
        }
        found = self._service.ask("signatures/signHash", asked, SignedHash, self._token).signatures
        if len(found) != len(orders):
            raise SohoaError("remote_failed")
        return [der(one) for one in found]


def _digests(orders: Sequence[Order]) -> dict[str, object]:
    return {"hashes": [b64encode(order.hashed).decode() for order in orders], "hashAlgorithmOID": DIGESTS[orders[0].digest]}
