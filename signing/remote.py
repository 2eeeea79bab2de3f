"""A key at a remote signing service that speaks the CSC API, version 1 (Cloud Signature Consortium, 1.0.4; TS 119 432).

Only the digest of the signed attributes leaves this machine. Approval may take its time: while the service says that it
is pending, it is asked again until `wait` seconds have passed. What the owner of the key decides comes back as a code:
remote_rejected, remote_expired. A document that changed in the meantime is found when its signature is put in.
"""

import contextlib
import hashlib
import threading
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from signing.csc import DIGESTS, REFUSALS, Authorised, Credential, SignedHash, certificates_of, how_to_sign, unless_pending
from signing.group import FarKey
from signing.model import Digest, Mechanism
from signing.service import Patience, Service, der
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient

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
    patience: Patience = field(default_factory=lambda: Patience(pause=3.0))


class RemoteKey(FarKey):
    """A `signing.model.KeyHolder`. Threads may share it, and sign side by side once the first of them was let in.

    Raises SohoaError remote_failed, remote_login_expired, remote_key_disabled, remote_rejected, remote_expired,
    remote_otp_wrong, pin_wrong, pin_locked; UsageError remote_not_secure. A refused PIN is not sent again.
    """

    def __init__(self, access: RemoteAccess) -> None:
        self._access = access
        # Leave to sign may come only when the owner has agreed: no answer in time is no answer from the owner.
        self._service = Service(access.url, access.network, REFUSALS, silence="remote_expired")
        self._lock = threading.Lock()
        self._refused = ""
        self._accepted = False
        asked: dict[str, object] = {"credentialID": access.credential, "certificates": "chain"}
        super().__init__(certificates_of(self._ask("credentials/info", asked, Credential)))

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        """The raw signature over `attributes`, whose digest alone is sent."""
        hashed = b64encode(hashlib.new(digest, attributes).digest()).decode()
        asked = {
            "credentialID": self._access.credential,
            "hash": [hashed],
            "hashAlgo": DIGESTS[digest],
            **how_to_sign(mechanism, digest),
        }
        # Until a PIN has been taken once it is tried by one thread alone: several mistakes at a time would lock it.
        with contextlib.nullcontext() if self._accepted else self._lock:
            approved = self._authorise(hashed)
            self._accepted = True
            signed = self._ask("signatures/signHash", {**asked, "SAD": approved}, SignedHash)
        if len(signed.signatures) != 1:
            raise SohoaError("remote_failed")
        return der(signed.signatures[0])

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
            approved = self._ask("credentials/authorize", asked, Authorised).SAD
        except SohoaError as error:
            if error.code in ("pin_wrong", "pin_locked"):
                self._refused = error.code
            raise
        if not approved:
            raise SohoaError("remote_failed")
        return approved

    def _ask(self, method: str, asked: dict[str, object], answers: type[_Answer]) -> _Answer:
        access = self._access
        try:
            return access.patience.until(lambda: unless_pending(self._service, method, asked, access.token, answers))
        except SohoaError as error:
            # Nothing can be asked about again later: this version has no name for what waits.
            if error.code == "remote_pending":
                raise SohoaError("remote_expired") from None
            raise
