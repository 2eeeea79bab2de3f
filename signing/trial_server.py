"""An HTTP server on the loopback interface: what the trial services, the tests and the benchmarks are asked through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answering(BaseHTTPRequestHandler):
    """A handler that answers in one go and says nothing on the terminal."""

    def asked(self, most: int = 1 << 20) -> bytes:
        """The body of the request; empty when it is longer than `most` bytes."""
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size) if 0 < size <= most else b""

    def answer(self, status: int, body: bytes, media_type: str) -> None:
        """Send the whole answer."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[str]:
    """The server's address without a slash at its end, as long as the block lasts; by default on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
