"""A key at Viettel MySign: the office asks, the signer approves in the app on the phone (MySign gateway and its CSC door).

    POST URL/vtss/service/ras/v1/login            a token for this signer, good for an hour
    POST URL/vtss/service/certificates/info       the signer's certificates
    POST URL/vtss/service/signHash                digests; `async` 1 answers with a transaction at once
    POST URL/vtss/service/requests/status         pending (4000, 6000), approved (1), rejected (4002), expired (4001)

An address that ends in `/adss` is the older door: login under `service/ras/v1`, then `service/ras/csc/v1` as in the CSC API,
version 1, where `credentials/authorize` itself waits for the signer; there an approval cannot be found again after a restart.

Only digests leave: the app shows a number and the beginning of the file's SHA-256 instead of its name.
The service signs RSA with PKCS#1 v1.5 and SHA-256.
"""

import threading
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec

from signing.csc import DIGESTS, REFUSALS, Authorised, Credential, Credentials, SignedHash, Token, certificates_of, only_one
from signing.group import GroupKey, awaited, request_id
from signing.model import Notes, Order, Padding
from signing.service import Patience, Service, der
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient

_RSA = "1.2.840.113549.1.1.1"
_DONE = "1"
_PENDING = frozenset({"0", "4000", "6000"})
_STATES = {"4001": "remote_expired", "4002": "remote_rejected", "4005": "remote_quota", "13004": "remote_key_disabled"}
_REFUSALS = {
    **REFUSALS,
    "4002": "remote_rejected",
    "4001": "remote_expired",
    "58007": "remote_login_expired",
    "58008": "remote_login_expired",
    "59033": "remote_login_expired",
    "86024": "remote_login_expired",
}


class _Sent(msgspec.Struct):
    transactionId: str


class _Status(msgspec.Struct):
    status: str
    signatures: list[str] | None = None


@dataclass(frozen=True)
class MySignAccess:
    """`office`, `secret` and `space` are the service's client_id, client_secret and profile_id, `user` is the signer's name there.

    `credential` chooses among several certificates.
    """

    url: str
    office: str
    user: str = field(repr=False)
    secret: str = field(default="", repr=False)
    space: str = ""
    credential: str = ""
    network: NetworkClient = field(default_factory=NetworkClient)
    patience: Patience = field(default_factory=Patience)


class MySignKey(GroupKey):
    """One signer's certificate at MySign. Threads may share it.

    Raises SohoaError remote_failed, remote_login_expired, remote_key_disabled, remote_rejected, remote_expired,
    remote_pending, remote_quota, key_missing, key_ambiguous, key_cannot_sign; UsageError remote_not_secure.
    """

    largest = 50
    padding: Padding | None = "compat"

    def __init__(self, access: MySignAccess) -> None:
        self._access = access
        self._waits = not access.url.rstrip("/").endswith("/adss")
        self._root = "vtss/service/ras" if self._waits else "service/ras"
        self._service = Service(access.url, access.network, _REFUSALS)
        self._lock = threading.Lock()
        self._token = self._login()
        own = self._chosen()
        super().__init__(certificates_of(own))
        self._credential = own.credential_id

    def sign_group(self, orders: Sequence[Order], notes: Notes) -> Iterator[tuple[int, bytes]]:
        """See `signing.group.GroupKey`."""
        self.can_sign(orders)
        with self._lock, awaited(notes, len(orders)):
            signed = self._approved(orders, notes) if self._waits else self._approved_while_waiting(orders)
            if len(signed) != len(orders):
                raise SohoaError("remote_failed")
        yield from enumerate(der(one) for one in signed)

    def _login(self) -> str:
        access = self._access
        asked = {"client_id": access.office, "client_secret": access.secret, "profile_id": access.space, "user_id": access.user}
        return self._service.ask(f"{self._root}/v1/login", asked, Token).access_token

    def _chosen(self) -> Credential:
        access = self._access
        if self._waits:
            asked = {
                "client_id": access.office,
                "client_secret": access.secret,
                "profile_id": access.space,
                "user_id": access.user,
                "certificates": "chain",
                "certInfo": True,
                "authInfo": True,
            }
            found = self._service.ask("vtss/service/certificates/info", asked, list[Credential], self._token)
            if access.credential:
                found = [one for one in found if one.credential_id == access.credential]
            return only_one(found)
        name = access.credential
        if not name:
            listed = self._service.ask(f"{self._root}/csc/v1/credentials/list", {"userID": access.user}, Credentials, self._token)
            name = only_one(listed.credentialIDs)
        asked = {"credentialID": name, "certificates": "chain", "certInfo": True, "authInfo": True}
        info = self._service.ask(f"{self._root}/csc/v1/credentials/info", asked, Credential, self._token)
        return msgspec.structs.replace(info, credential_id=name)

    def _approved(self, orders: Sequence[Order], notes: Notes) -> list[str]:
        request = request_id(orders)
        transaction = notes.recall(request)
        if transaction:
            self._token = self._login()  # the token of an hour ago may be gone
        else:
            access = self._access
            office = {"client_id": access.office, "client_secret": access.secret, "async": 1}
            asked = {**self._wanted(orders), **office, "hashAlgo": DIGESTS["sha256"], "signAlgo": _RSA}
            transaction = self._service.ask("vtss/service/signHash", asked, _Sent, self._token).transactionId
            notes.keep(request, transaction)
        return self._access.patience.until(lambda: self._look(transaction))

    def _look(self, transaction: str) -> list[str] | None:
        answer = self._service.ask("vtss/service/requests/status", {"transactionId": transaction}, _Status, self._token)
        if answer.status in _PENDING:
            return None
        if answer.status != _DONE or not answer.signatures:
            raise SohoaError(_STATES.get(answer.status, "remote_failed"))
        return answer.signatures

    def _approved_while_waiting(self, orders: Sequence[Order]) -> list[str]:
        wanted = self._wanted(orders)
        approved = self._service.ask(f"{self._root}/csc/v1/credentials/authorize", wanted, Authorised, self._token).SAD
        asked = {
            "credentialID": self._credential,
            "SAD": approved,
            "documents": wanted["documents"],
            "hash": wanted["hash"],
            "hashAlgo": DIGESTS["sha256"],
            "signAlgo": _RSA,
        }
        return self._service.ask(f"{self._root}/csc/v1/signatures/signHash", asked, SignedHash, self._token).signatures

    def _wanted(self, orders: Sequence[Order]) -> dict[str, object]:
        return {
            "credentialID": self._credential,
            "numSignatures": len(orders),
            "description": _shown(f"Ky {len(orders)} tai lieu"),
            "documents": [
                {"document_id": order.id, "document_name": _shown(f"Tai lieu {number} {order.sha256[:8]}")}
                for number, order in enumerate(orders, 1)
            ],
            "hash": [b64encode(order.hashed).decode() for order in orders],
        }


def _shown(text: str) -> str:
    """What the app shows: the service takes letters without marks, in base64."""
    return b64encode(text.encode("ascii")).decode()
