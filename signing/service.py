"""The JSON conversation with a remote signing service, over the guarded network client.

Every answer is untrusted: it is decoded into the declared type or becomes the code remote_failed. What a service calls
its refusals differs; each adapter hands in its own table. Nothing here is logged, for requests hold secrets.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from time import monotonic, sleep
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct, field

from sohoa.errors import SohoaError, UsageError
from sohoa.net import NetworkClient, Response

_OK = 200
_UNAUTHORISED = 401
_Answer = TypeVar("_Answer")


class _Refused(msgspec.Struct):
    error: str = ""


class Service(Struct, frozen=True):
    """A service at `url`. `refusals` turns its error words into our codes; `silence` is the code when it answers nothing in time."""

    url: str
    network: NetworkClient
    refusals: Mapping[str, str] = field(default_factory=dict)
    silence: str = "remote_failed"

    def __post_init__(self) -> None:
        """Secrets and approvals never travel in the clear. Raises UsageError remote_not_secure."""
        if urlsplit(self.url).scheme != "https" and not self.network.rules.loopback:
            raise UsageError("remote_not_secure")

    def ask(self, method: str, asked: object, answers: type[_Answer], token: str = "") -> _Answer:
        """The answer to one request. Raises SohoaError remote_failed, remote_login_expired and those of `refusals`."""
        return self.read(self.post(method, asked, token), answers)

    def post(self, method: str, asked: object, token: str = "") -> Response:
        """The raw answer. Raises SohoaError `silence` when there is none in time, and those of the client."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self._sent(method, msgspec.json.encode(asked), "application/json", headers)

    def form(self, method: str, asked: Mapping[str, str], answers: type[_Answer]) -> _Answer:
        """The answer to one form, as OAuth 2.0 has it (RFC 6749 §4.4.2)."""
        return self.read(self._sent(method, urlencode(asked).encode(), "application/x-www-form-urlencoded", {}), answers)

    def read(self, answer: Response, answers: type[_Answer]) -> _Answer:
        """What an answer says. Raises SohoaError as `ask`."""
        if answer.status == _OK:
            return decoded(answer.body, answers)
        if answer.status == _UNAUTHORISED:
            raise SohoaError("remote_login_expired")
        raise SohoaError(self.refusals.get(self.refusal(answer), "remote_failed"))

    def refusal(self, answer: Response) -> str:
        """The service's own word for its refusal (RFC 6749 §5.2), "" when it gave none."""
        try:
            return msgspec.json.decode(answer.body, type=_Refused).error
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return ""

    def _sent(self, method: str, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
        try:
            return self.network.post(f"{self.url.rstrip('/')}/{method}", body, media_type, headers)
        except SohoaError as error:
            if error.code == "net_time":
                raise SohoaError(self.silence) from None
            raise


class Patience(Struct, frozen=True):
    """How long an approval is waited for, in seconds, and how long between two looks."""

    wait: float = 300.0
    pause: float = 2.0
    sleep: Callable[[float], None] = sleep

    def until(self, look: Callable[[], _Answer | None]) -> _Answer:
        """What `look` finds when it finds something. Raises SohoaError remote_pending when it takes too long."""
        deadline = monotonic() + self.wait
        while (found := look()) is None:
            if monotonic() + self.pause > deadline:
                raise SohoaError("remote_pending")
            self.sleep(self.pause)
        return found


def decoded(body: bytes, answers: type[_Answer]) -> _Answer:
    """The declared type, or SohoaError remote_failed."""
    try:
        return msgspec.json.decode(body, type=answers, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise SohoaError("remote_failed") from None


def der(text: str) -> bytes:
    """A certificate or signature out of base64, with or without PEM's lines. Raises SohoaError remote_failed."""
    try:
        return b64decode("".join(word for word in text.split() if "-----" not in word), validate=True)
    except (NotBase64, ValueError):
        raise SohoaError("remote_failed") from None
