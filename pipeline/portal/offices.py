"""Who asks: an office, by a token of which the settings hold nothing but the SHA-256."""

import hmac
import secrets
from hashlib import sha256

from msgspec import Struct

from sohoa.errors import SohoaError
from sohoa.settings import ApiOfficeSettings, ApiSettings


class Caller(Struct, frozen=True):
    """An office that showed one of its tokens, and the address it called from, for the audit trail."""

    office: str
    settings: ApiOfficeSettings
    address: str

    def may_sign_as(self, identity: str) -> None:
        """Raises SohoaError identity_not_allowed."""
        if identity and identity not in self.settings.identities:
            raise SohoaError("identity_not_allowed")


def new_token() -> tuple[str, str]:
    """(a new token of 256 random bits, its SHA-256 for the settings)."""
    token = "sohoa_" + secrets.token_urlsafe(32)
    return token, sha256(token.encode()).hexdigest()


def caller(settings: ApiSettings, authorization: str, address: str) -> Caller:
    """The office of an Authorization header; raises SohoaError access_token_missing, access_token_wrong."""
    kind, _, token = authorization.partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise SohoaError("access_token_missing")
    shown = sha256(token.strip().encode()).hexdigest()
    found = None
    for name, office in settings.offices.items():  # all of them, so that the time says nothing
        for known in office.tokens:
            if hmac.compare_digest(shown, known.lower()):
                found = Caller(name, office, address)
    if found is None:
        raise SohoaError("access_token_wrong")
    return found
