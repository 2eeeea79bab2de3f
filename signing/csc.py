"""What the versions of the CSC API have in common, and with them the services that are built on it (ETSI TS 119 432).

The words of requests, answers and refusals; what differs stands in `signing.remote`, `signing.remote_v2` and `signing.mysign`.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from signing.algorithm import signature_algorithm
from signing.model import Digest, Mechanism
from signing.service import Service, der
from sohoa.errors import SohoaError

DIGESTS: dict[Digest, str] = {
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
REFUSALS = {
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
    "expired": "remote_expired",
}
_ACCEPTED = 202
_T = TypeVar("_T")
_WAITING = frozenset({"authorization_pending", "slow_down", "temporarily_unavailable"})


class Key(msgspec.Struct):
    """The state of a credential's key."""

    status: str = "enabled"


class Chain(msgspec.Struct):
    """A credential's certificates in base64, its own first."""

    certificates: list[str] = []


class Credential(msgspec.Struct):
    """`multisign` is how many signatures one approval may cover; MySign names the credential in its answer."""

    key: Key
    cert: Chain
    multisign: int = 1
    credential_id: str = ""


class Credentials(msgspec.Struct):
    """The names of a user's credentials."""

    credentialIDs: list[str]


class Token(msgspec.Struct):
    """What a login gives."""

    access_token: str


class Authorised(msgspec.Struct):
    """Leave to sign, or a handle to ask for it later."""

    SAD: str = ""
    handle: str = ""


class SignedHash(msgspec.Struct):
    """Signatures in base64, in the order of the digests."""

    signatures: list[str]


def certificates_of(credential: Credential) -> tuple[bytes, ...]:
    """A credential's certificates, DER. Raises SohoaError remote_key_disabled, identity_unreadable, remote_failed."""
    if credential.key.status != "enabled":
        raise SohoaError("remote_key_disabled")
    if not credential.cert.certificates:
        raise SohoaError("identity_unreadable")
    return tuple(der(one) for one in credential.cert.certificates)


def only_one(found: Sequence[_T]) -> _T:
    """The only credential there is. Raises SohoaError key_missing, key_ambiguous."""
    if len(found) > 1:
        raise SohoaError("key_ambiguous", keys=len(found))
    if not found:
        raise SohoaError("key_missing")
    return found[0]


def how_to_sign(mechanism: Mechanism, digest: Digest) -> dict[str, object]:
    """The members of `signatures/signHash` that name the algorithm."""
    named = signature_algorithm(mechanism, digest)
    parameters = {"signAlgoParams": b64encode(named["parameters"].dump()).decode()} if mechanism == "rsassa_pss" else {}
    return {"signAlgo": named["algorithm"].dotted, **parameters}


def unless_pending(service: Service, method: str, asked: object, token: str, answers: type[_T]) -> _T | None:
    """The answer, None while the owner of the key is still asked. Raises SohoaError as `Service.ask`."""
    answer = service.post(method, asked, token)
    if answer.status == _ACCEPTED or service.refusal(answer) in _WAITING:
        return None
    return service.read(answer, answers)
