"""The guarded network client: the only door to the outside (design rule 9).

Addresses to fetch (CRL, OCSP, issuer certificates) come out of uploaded files, so every one is hostile until shown
otherwise: the scheme must be http or https, the name must resolve to public addresses only, the connection goes to
the very address that was checked (no second look-up to rebind), redirects are checked again, and time and size are
limited. Nothing is fetched unless a setting allowed the host or its kind.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from hashlib import sha256
from time import monotonic
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field

from sohoa.errors import SohoaError


class NetworkRules(Struct, frozen=True):
    """Who may be asked. `hosts` empty means every public host; `loopback` is for tests and the demo alone.

    `seconds` bounds one whole fetch with its redirects; `size` is in bytes. `pin` is the SHA-256 (hex) of the one server
    certificate that is accepted: a person named this very server, so no authority is asked and its address may be private.
    """

    hosts: frozenset[str] = frozenset()
    loopback: bool = False
    pin: str = ""
    seconds: float = 10.0
    size: int = 20 << 20
    redirects: int = 3


class Response(Struct, frozen=True):
    """Status and body of a fetch, and the address it finally came from."""

    status: int
    body: bytes
    media_type: str
    url: str


class NetworkClient(Struct, frozen=True):
    """Fetches under `rules`.

    Every refusal is a SohoaError: net_scheme, net_host, net_address, net_failed, net_time, net_size, net_redirects, net_pin.
    """

    rules: NetworkRules = field(default_factory=NetworkRules)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET `url`."""
        return self._fetch("GET", url, None, headers or {})

    def post(self, url: str, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
        """POST `body`; a redirect of a POST is refused, for nobody checked what would be sent where."""
        return self._fetch("POST", url, body, {"Content-Type": media_type, **(headers or {})})

    def put(self, url: str, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> Response:
        """PUT `body`; redirects are refused as for a POST."""
        return self._fetch("PUT", url, body, {"Content-Type": media_type, **(headers or {})})

    def _fetch(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Response:
        deadline = monotonic() + self.rules.seconds
        for _ in range(self.rules.redirects + 1):
            answer = self._once(method, url, body, headers, deadline)
            if isinstance(answer, Response):
                return answer
            if method != "GET":
                raise SohoaError("net_redirects")
            url = urljoin(url, answer)
        raise SohoaError("net_redirects")

    def _once(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], deadline: float) -> Response | str:
        """One exchange: a Response, or the address of a redirect."""
        try:
            parts = urlsplit(url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise SohoaError("net_scheme") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise SohoaError("net_scheme")
        if self.rules.hosts and parts.hostname.lower() not in self.rules.hosts:
            raise SohoaError("net_host")
        address = self._public_address(parts.hostname, port)
        if self.rules.pin and parts.scheme != "https":
            raise SohoaError("net_scheme")
        connection = _Pinned(parts.hostname, port, address, parts.scheme == "https", deadline, self.rules.pin)
        try:
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(method, path, body, {"Accept-Encoding": "identity", "User-Agent": "sohoa", **headers})
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308) and (target := answer.getheader("Location")):
                return target
            received = bytearray()
            while part := answer.read1(1 << 16):
                received += part
                if len(received) > self.rules.size:
                    raise SohoaError("net_size", megabytes=self.rules.size >> 20)
                if monotonic() > deadline:
                    raise TimeoutError
            return Response(answer.status, bytes(received), (answer.getheader("Content-Type") or "").split(";")[0].strip().lower(), url)
        except TimeoutError:
            raise SohoaError("net_time", seconds=round(self.rules.seconds)) from None
        except (OSError, http.client.HTTPException):
            raise SohoaError("net_failed") from None
        finally:
            connection.close()

    def _public_address(self, host: str, port: int) -> str:
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
        except (OSError, UnicodeError):
            raise SohoaError("net_failed") from None
        for text in found:
            if not self._allowed(ipaddress.ip_address(text.split("%")[0])):
                raise SohoaError("net_address")
        return sorted(found, key=lambda a: (":" in a, a))[0]

    def _allowed(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        if isinstance(address, ipaddress.IPv6Address):
            inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
            if inner is not None:
                return self._allowed(inner)
        if self.rules.pin:
            return not address.is_multicast
        if address.is_loopback:
            return self.rules.loopback
        return address.is_global and not address.is_multicast


def server_fingerprint(url: str, seconds: float = 10.0) -> str:
    """The SHA-256 (hex) of the certificate that the server at `url` shows; nothing is sent to it and nothing is believed.

    For pairing, where a code shows whether this is the right server. Raises SohoaError net_scheme, net_failed.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise SohoaError("net_scheme")
    try:
        with (
            socket.create_connection((parts.hostname, parts.port or 443), seconds) as plain,
            _any_certificate().wrap_socket(plain, server_hostname=parts.hostname) as secured,
        ):
            return sha256(secured.getpeercert(True) or b"").hexdigest()
    except (OSError, ValueError):
        raise SohoaError("net_failed") from None


def _any_certificate() -> ssl.SSLContext:
    """For those who compare the certificate themselves."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _Pinned(http.client.HTTPConnection):
    """A connection to the one address that was checked, under the name the certificate must match."""

    def __init__(self, host: str, port: int, address: str, secure: bool, deadline: float, pin: str = "") -> None:
        super().__init__(host, port, timeout=max(0.1, deadline - monotonic()))
        self._address, self._secure, self._pin = address, secure, pin

    def connect(self) -> None:
        connection = socket.create_connection((self._address, self.port), self.timeout)
        if self._pin:
            connection = _any_certificate().wrap_socket(connection, server_hostname=self.host)
            if sha256(connection.getpeercert(True) or b"").hexdigest() != self._pin:
                connection.close()
                raise SohoaError("net_pin")
        elif self._secure:
            context = ssl.create_default_context()
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            connection = context.wrap_socket(connection, server_hostname=self.host)
        self.sock = connection
