"""The one door to the outside, tried with real servers on loopback."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/pkix-crl; x=1")
        self.end_headers()
        if self.path == "/slow":
            threading.Event().wait(3)
        if self.path == "/endless":
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return
        self.wfile.write(b"body of " + self.path.encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(302 if self.path == "/redirect" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"got " + body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def refused(url: str, **rules: object) -> str:
    with pytest.raises(SohoaError) as caught:
        NetworkClient(NetworkRules(**rules)).get(url)  # type: ignore[arg-type]
    return caught.value.code


def test_fetches_with_media_type_and_posts_a_body() -> None:
    client = NetworkClient(NetworkRules(loopback=True))
    with server() as at:
        answer = client.get(f"{at}/crl")
        assert (answer.status, answer.body, answer.media_type) == (200, b"body of /crl", "application/pkix-crl")
        assert client.post(f"{at}/tsa", b"query", "application/timestamp-query").body == b"got query"


def test_follows_a_redirect_and_checks_where_it_leads() -> None:
    with server() as at:
        assert NetworkClient(NetworkRules(loopback=True)).get(f"{at}/to//crl").body == b"body of /crl"
        assert refused(f"{at}/to/file:///etc/passwd", loopback=True) == "net_scheme"
        assert refused(f"{at}/to/http://10.0.0.1/", loopback=True) == "net_address"
        assert refused(f"{at}/to//to//to//to//to//crl", loopback=True) == "net_redirects"


def test_a_redirected_post_is_refused() -> None:
    with server() as at, pytest.raises(SohoaError, match="net_redirects"):
        NetworkClient(NetworkRules(loopback=True)).post(f"{at}/redirect", b"x", "text/plain")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]",
     "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "224.0.0.1", "100.64.0.1", "2130706433", "0x7f.1"],
)  # fmt: skip
def test_no_private_address_in_any_spelling(host: str) -> None:
    assert refused(f"http://{host}/") in ("net_address", "net_failed")


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://ca.gov.vn/", "gopher://x/", "http://user:pw@ca.gov.vn/", "http://", "//x", "http://a:b/"]
)
def test_only_plain_http_addresses(url: str) -> None:
    assert refused(url) == "net_scheme"


def test_a_list_of_hosts_closes_all_others() -> None:
    assert refused("http://example.com/", hosts=frozenset({"ca.gov.vn"})) == "net_host"


def test_time_and_size_are_limited() -> None:
    with server() as at:
        assert refused(f"{at}/slow", loopback=True, seconds=0.5) == "net_time"
        assert refused(f"{at}/endless", loopback=True, size=1 << 20) == "net_size"


def test_a_silent_server_is_a_code() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert refused(f"http://127.0.0.1:{silent.getsockname()[1]}/", loopback=True) == "net_failed"
