"""A key at VNPT SmartCA: the office asks, the signer approves in the app on the phone (SmartCA integration, version 1 calls).

    POST URL/v1/credentials/get_certificate       the signer's certificates
    POST URL/v1/signatures/sign                   digests in hex; answers with the transaction's code
    POST URL/v1/signatures/sign/CODE/status       pending, approved, rejected or expired

Only digests leave. The transaction's code is kept before anything else happens, so that after a restart the same approval
is waited for; and its name is made of the digests, so that asking twice could not be mistaken for two transactions.
The service signs RSA with PKCS#1 v1.5 and SHA-256.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import quote

import msgspec

from signing.csc import only_one
from signing.group import GroupKey, awaited, request_id
from signing.model import Approval, Notes, Order, Padding
from signing.service import Patience, Service, decoded, der
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient

_OK, _UNAUTHORISED, _FORBIDDEN, _MISSING = 200, 401, 403, 404
# The older calls of the service name the same states by number.
_STATES: dict[str, Approval] = {"4000": "pending", "4001": "expired", "4002": "rejected"}
_WORDS: tuple[tuple[str, Approval], ...] = (
    ("wait", "pending"),
    ("pending", "pending"),
    ("reject", "rejected"),
    ("cancel", "rejected"),
    ("denied", "rejected"),
    ("expire", "expired"),
    ("timeout", "expired"),
)
_OUT_OF_USE = frozenset({"0", "inactive", "revoked", "suspended", "expired"})


class _Chain(msgspec.Struct):
    ca_cert: str | None = None
    root_cert: str | None = None


class _Certificate(msgspec.Struct):
    serial_number: str = ""
    cert_data: str = ""
    cert_status: str | int | None = None
    chain_data: _Chain | None = None


class _Signature(msgspec.Struct):
    doc_id: str
    signature_value: str | None = None


class _Data(msgspec.Struct):
    user_certificates: list[_Certificate] | None = None
    tran_code: str | None = None
    signatures: list[_Signature] | None = None


class _Envelope(msgspec.Struct):
    status_code: int = 200
    message: str = ""
    data: _Data | None = None


@dataclass(frozen=True)
class SmartCaAccess:
    """`url` up to "/v1"; `office` and `password` are the service's sp_id and sp_password, `user` is the signer's number there.

    `serial` chooses among several certificates.
    """

    url: str
    office: str
    user: str = field(repr=False)
    password: str = field(default="", repr=False)
    serial: str = ""
    network: NetworkClient = field(default_factory=NetworkClient)
    patience: Patience = field(default_factory=Patience)


class SmartCaKey(GroupKey):
    """One signer's certificate at SmartCA. Threads may share it.

    Raises SohoaError remote_failed, remote_login_expired, remote_key_disabled, remote_rejected, remote_expired,
    remote_pending, key_missing, key_ambiguous, key_cannot_sign; UsageError remote_not_secure.
    """

    largest = 50
    padding: Padding | None = "compat"

    def __init__(self, access: SmartCaAccess) -> None:
        self._access = access
        self._service = Service(access.url, access.network)
        self._lock = threading.Lock()
        asked = {"serial_number": access.serial, "transaction_id": request_id(())}
        found = self._ask("v1/credentials/get_certificate", asked).user_certificates or []
        usable = [one for one in found if str(one.cert_status).lower() not in _OUT_OF_USE and one.cert_data]
        if access.serial:
            usable = [one for one in usable if one.serial_number.lower() == access.serial.lower()]
        if found and not usable:
            raise SohoaError("remote_key_disabled")
        own = only_one(usable)
        self._serial = own.serial_number
        above = (own.chain_data.ca_cert, own.chain_data.root_cert) if own.chain_data else ()
        super().__init__([der(one) for one in (own.cert_data, *above) if one])

    def sign_group(self, orders: Sequence[Order], notes: Notes) -> Iterator[tuple[int, bytes]]:
        """See `signing.group.GroupKey`."""
        self.can_sign(orders)
        with self._lock:
            request = request_id(orders)
            code = notes.recall(request)
            if not code:
                code = self._send(orders, request)
                notes.keep(request, code)
            with awaited(notes, len(orders)):
                signed = self._access.patience.until(lambda: self._look(code))
        for number, order in enumerate(orders):
            if order.id not in signed:
                raise SohoaError("remote_failed")
            yield number, der(signed[order.id])

    def _send(self, orders: Sequence[Order], request: str) -> str:
        asked = {
            "transaction_id": request,
            "transaction_desc": f"Ký {len(orders)} tài liệu",
            "serial_number": self._serial,
            "time_stamp": datetime.now(UTC).strftime("%Y%m%d%H%M%SZ"),
            "sign_files": [
                {"doc_id": order.id, "file_type": "pdf", "sign_type": "hash", "data_to_be_signed": order.hashed.hex()} for order in orders
            ],
        }
        code = self._ask("v1/signatures/sign", asked).tran_code
        if not code:
            raise SohoaError("remote_failed")
        return code

    def _look(self, code: str) -> dict[str, str] | None:
        """The signatures by document, None while the signer has not decided."""
        answer = self._envelope(f"v1/signatures/sign/{quote(code, safe='')}/status", {})
        data = answer.data or _Data()
        signed = {one.doc_id: one.signature_value for one in data.signatures or () if one.signature_value}
        if answer.status_code == _OK and signed:
            return signed
        state = _state(answer)
        if state == "pending":
            return None
        raise SohoaError({"rejected": "remote_rejected", "expired": "remote_expired"}.get(state, "remote_failed"))

    def _ask(self, method: str, asked: Mapping[str, object]) -> _Data:
        answer = self._envelope(method, asked)
        if answer.status_code == _UNAUTHORISED:
            raise SohoaError("remote_login_expired")
        if answer.status_code == _FORBIDDEN:
            raise SohoaError("remote_key_disabled")
        if answer.status_code != _OK or answer.data is None:
            raise SohoaError("remote_failed")
        return answer.data

    def _envelope(self, method: str, asked: Mapping[str, object]) -> _Envelope:
        """Every answer has the same envelope, refusals too; the HTTP status repeats the one inside."""
        access = self._access
        answer = self._service.post(method, {"sp_id": access.office, "sp_password": access.password, "user_id": access.user, **asked})
        if answer.status == _UNAUTHORISED:
            raise SohoaError("remote_login_expired")
        if answer.status not in (_OK, 400, _FORBIDDEN, _MISSING):
            raise SohoaError("remote_failed")
        found = decoded(answer.body, _Envelope)
        return found if answer.status == _OK else msgspec.structs.replace(found, status_code=answer.status)


def _state(answer: _Envelope) -> Approval | Literal["failed"]:
    if str(answer.status_code) in _STATES:
        return _STATES[str(answer.status_code)]
    said = answer.message.lower()
    named = next((state for word, state in _WORDS if word in said), None)
    if named:
        return named
    # An answer that is neither a refusal nor signatures: the signer has not looked at the phone yet.
    return "pending" if answer.status_code == _OK else "failed"
