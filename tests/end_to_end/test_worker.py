"""`sohoa worker` on a real Redis, called as a portal would: by task name, importing nothing of ours."""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from redis import Redis

CLIENT = """
import json, sys
from celery import Celery

app = Celery(broker=sys.argv[1], backend=sys.argv[1])
app.conf.task_default_queue = "sohoa.reading"
asked = [app.send_task("sohoa.digitise", kwargs={"path": path, "out": sys.argv[2]}) for path in sys.argv[3:]]
print(json.dumps([task.get(timeout=120) for task in asked]))
"""


@pytest.fixture
def redis(tmp_path: Path, free_port: int, wait_for):
    server = subprocess.Popen(
        [shutil.which("redis-server") or "redis-server", "--port", str(free_port), "--bind", "127.0.0.1", "--save", "", "--dir", tmp_path],
        stdout=subprocess.DEVNULL,
    )
    import redis as client

    def ready() -> bool:
        try:
            return bool(client.Redis(port=free_port).ping())
        except client.ConnectionError:
            return False

    wait_for(ready, 20)
    yield f"redis://127.0.0.1:{free_port}/0"
    server.kill()
    server.wait()


def call(broker: str, out: Path, *paths: Path) -> list[dict[str, object]]:
    done = subprocess.run(
        [sys.executable, "-P", "-c", CLIENT, broker, str(out), *map(str, paths)], capture_output=True, text=True, timeout=150, cwd="/"
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows: list[dict[str, object]] = json.loads(done.stdout.splitlines()[-1])
    return rows


def test_a_portal_digitises_by_name_and_a_bad_file_stops_nothing(sohoa, redis: str, drawn: Path, tmp_path: Path) -> None:
    worker = sohoa.start("worker", "--broker", redis)
    try:
        out = tmp_path / "out"
        good, bad = drawn / "birth-registration.clean.pdf", drawn / "bad.encrypted.pdf"
        rows = call(redis, out, good, bad, good)
        assert [row["status"] for row in rows][1] == "failed"
        assert rows[1]["error_code"] == "pdf_encrypted"
        assert rows[0]["status"] in ("done", "review")
        # The same upload asked for twice is one document: the second answer is the first one's, seconds and all.
        assert rows[0] == rows[2]
        assert (out / str(rows[0]["name"]) / "document.json").is_file()
        assert [p.name for p in out.iterdir() if not p.name.startswith(".")] == [rows[0]["name"]]
    finally:
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) in (0, 130)


def test_a_killed_worker_loses_nothing(sohoa, redis: str, head: Path, tmp_path: Path, wait_for) -> None:
    """The message is acknowledged only when the work is done; the next worker goes on with the recorded document."""
    sohoa.home.mkdir(parents=True)
    (sohoa.home / "config.toml").write_text("redeliver_seconds = 5\n")
    first = sohoa.start("worker", "--broker", redis, "--jobs", "1")
    files = []
    for n in range(12):
        files.append(tmp_path / f"{n}.jpg")
        shutil.copy(head, files[-1])
    out = tmp_path / "out"
    client = subprocess.Popen(
        [sys.executable, "-P", "-c", CLIENT, redis, str(out), *map(str, files)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    wait_for(lambda: list(out.glob("[!.]*/document.json")), 60)
    # Redis hands a message over in one step and notes who has it in another; what dies between the two takes it along.
    broker = Redis.from_url(redis)
    had = set(broker.hkeys("unacked"))
    wait_for(lambda: set(broker.hkeys("unacked")) - had, 20)
    first.kill()
    first.wait()
    # What was in work is recorded and goes on without its message; what still waits in the queue is taken from there, and
    # a message that had been taken but not yet recorded rings again.
    second = sohoa.start("worker", "--broker", redis, "--jobs", "2")
    try:
        wait_for(lambda: len(list(out.glob("[!.]*/document.json"))) == len(files), 200)
    finally:
        client.kill()
        client.communicate()
        second.send_signal(signal.SIGTERM)
        second.wait(30)
