"""The demo's two doors: the citizen's check page over HTTP, and a portal's task over a real Redis."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_WAIT = 60.0


def ask_check_page(file: Path, trust: Path) -> str:
    """Serve the check page on a free port, upload `file` as a browser does, and return the verdict it gives."""
    import uvicorn

    from sohoa.child import Child
    from verification.page import app
    from verification.tasks import PRELOAD, Verify, verify_in_child

    port = _free_port()
    with Child(PRELOAD) as child:
        page = app(lambda path: verify_in_child(child, Verify(str(path), trust=str(trust))))
        server = uvicorn.Server(uvicorn.Config(page, host="127.0.0.1", port=port, log_level="critical", access_log=False))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            _until(lambda: server.started)
            answer = json.loads(_post(f"http://127.0.0.1:{port}/check", file))
        finally:
            server.should_exit = True
            thread.join(10)
    return str(answer["verdict"])


def ask_worker(file: Path, out: Path, state: Path) -> dict[str, Any] | None:
    """Start Redis and `sohoa worker`, send `sohoa.digitise` by name as a portal does, and return the row that comes back.

    None when Redis is not installed here.
    """
    program = shutil.which("redis-server")
    if program is None:
        return None
    from celery import Celery

    port = _free_port()
    broker = f"redis://127.0.0.1:{port}/0"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with (
        _running([program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(state.resolve())], quiet, os.environ),
        _running(
            [sys.executable, "-P", "-m", "sohoa", "worker", "--broker", broker, "--jobs", "1"],
            quiet,
            {**os.environ, "SOHOA_HOME": str(state.resolve())},
        ),
    ):
        _until(lambda: _listens(port))
        portal = Celery(broker=broker, backend=broker)
        portal.conf.task_default_queue = "sohoa.reading"
        task = portal.send_task("sohoa.digitise", kwargs={"path": str(file.resolve()), "out": str(out.resolve())})
        row: dict[str, Any] = task.get(timeout=_WAIT)
        return row


@contextmanager
def _running(line: list[str], quiet: dict[str, int], env: Any) -> Iterator[None]:
    process = subprocess.Popen(line, env=dict(env), **quiet)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _post(url: str, file: Path) -> bytes:
    boundary = "sohoa-demo-boundary"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{file.name}"\r\nContent-Type: application/pdf\r\n\r\n'
    body = head.encode() + file.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}", "Accept": "application/json"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - our own page on loopback
    with urllib.request.urlopen(request, timeout=_WAIT) as answer:  # noqa: S310
        content: bytes = answer.read()
        return content


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _until(over: Any) -> None:
    deadline = time.monotonic() + _WAIT
    while not over():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.05)
