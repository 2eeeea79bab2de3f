"""Where children come from: one start for many, each with a life of its own, and nobody left behind."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.workers import PRELOAD as READING
from signing.tasks import PRELOAD as SIGNING
from sohoa.child import Child, Limits, Task
from sohoa.errors import SohoaError
from verification.tasks import PRELOAD as VERIFYING

BODY = """
import os, subprocess, time
from dataclasses import dataclass

@dataclass
class Number:
    n: int

def server(q: Number) -> Number:
    return Number(os.getppid())
def threads(q: Number) -> Number:
    return Number(len(os.listdir(f"/proc/{os.getppid()}/task")))
def fill(q: Number) -> Number:
    return Number(len(bytearray(q.n)))
def leave(q: Number) -> Number:
    subprocess.Popen(["sleep", "600"]); os._exit(3)
def sleep(q: Number) -> Number:
    time.sleep(q.n); return q
def open_files(q: Number) -> Number:
    return Number(len(os.listdir("/proc/self/fd")) - 1)
def late_threads(q: Number) -> Number:
    import numpy; numpy.ones((400, 400)) @ numpy.ones((400, 400)); return Number(len(os.listdir("/proc/self/task")))
def programs_threads(q: Number) -> Number:
    return Number(int(subprocess.run(["sh", "-c", "echo ${OMP_THREAD_LIMIT:-0}"], capture_output=True).stdout))
def told(q: Number) -> Number:
    return Number(int(os.environ.get("WORK_UNDER_TEST", "0")))
"""


@dataclass
class Number:
    n: int


@pytest.fixture
def kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    (tmp_path / "forked_under_test.py").write_text(BODY)
    monkeypatch.syspath_prepend(str(tmp_path))
    return ("forked_under_test",)


def ask(child: Child, name: str, n: int = 1, seconds: float | None = None) -> int:
    return child.call(Task(f"forked_under_test:{name}", Number, Number), Number(n), seconds).n


def wait_for(true: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def test_siblings_share_one_start_and_nothing_else(kind: tuple[str, ...]) -> None:
    with Child(kind) as one, Child(kind, Limits(memory=1 << 30)) as other:
        assert ask(one, "server") == ask(other, "server")
        assert one.pid != other.pid
        with pytest.raises(SohoaError, match="memory_limit"):
            ask(other, "fill", 2 << 30)
        assert ask(one, "fill", 2 << 30) == 2 << 30  # the limit was the other's
        assert ask(other, "server") == ask(one, "server")


def test_a_child_holds_no_pipe_of_its_siblings(kind: tuple[str, ...]) -> None:
    with Child(kind) as first:
        alone = ask(first, "open_files")
        others = [Child(kind) for _ in range(3)]
        try:
            assert [ask(child, "open_files") for child in others] == [alone] * 3
        finally:
            for child in others:
                child.kill()


def test_a_child_has_the_surroundings_of_the_moment(kind: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    with Child(kind) as early:
        assert ask(early, "told") == 0
        monkeypatch.setenv("WORK_UNDER_TEST", "7")
        with Child(kind) as late:
            assert ask(late, "told") == 7


def test_what_is_loaded_late_and_what_a_child_starts_keep_to_one_thread(kind: tuple[str, ...]) -> None:
    with Child(kind) as child:
        assert ask(child, "late_threads") == 1
        assert ask(child, "programs_threads") == 1


def test_what_a_crashed_child_started_does_not_outlive_it(kind: tuple[str, ...]) -> None:
    with Child(kind) as child:
        ask(child, "server")
        group = str(child.pid)
        with pytest.raises(SohoaError) as caught:
            ask(child, "leave")
        assert caught.value.facts["cause"] == "exit 3"
        assert wait_for(lambda: not subprocess.run(["pgrep", "-g", group], capture_output=True).stdout)


def test_a_server_that_was_killed_is_replaced_and_its_children_are_gone(kind: tuple[str, ...]) -> None:
    with Child(kind) as child:
        server = ask(child, "server")
        pid = child.pid
        os.kill(server, signal.SIGKILL)
        assert wait_for(lambda: not Path(f"/proc/{pid}").exists())
        assert ask(child, "server") != server


def test_a_child_can_be_dropped_while_its_server_is_still_loading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "slow_under_test.py").write_text("import time; time.sleep(1.5)\n" + BODY)
    monkeypatch.syspath_prepend(str(tmp_path))
    child = Child(("slow_under_test",))
    started = time.monotonic()
    child.warm()
    child.kill()
    assert time.monotonic() - started < 1


def test_the_reading_libraries_leave_the_server_with_one_thread(kind: tuple[str, ...]) -> None:
    # A process with threads cannot be forked safely: a lock that one of them holds stays locked for ever.
    with Child((*READING, *VERIFYING, *SIGNING, *kind)) as child:
        assert ask(child, "threads") == 1


def test_no_child_is_forked_while_a_thread_of_the_loading_still_holds_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that Python has joined may still run its libraries' destructors; OpenCV's take the lock of its first picture."""
    ending = """
import _thread, time
lock = _thread.allocate_lock()
def hold():
    with lock:
        time.sleep(0.7)
def load():
    _thread.start_new_thread(hold, ())
    time.sleep(0.1)
def free(q: Number) -> Number:
    return Number(int(lock.acquire(timeout=0.2)))
"""
    (tmp_path / "ending_under_test.py").write_text(BODY + ending)
    monkeypatch.syspath_prepend(str(tmp_path))
    with Child(("ending_under_test:load",)) as child:
        assert child.call(Task("ending_under_test:free", Number, Number), Number(1)).n == 1


def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    (tmp_path / "forked_under_test.py").write_text(BODY)
    program = textwrap.dedent(
        """
        from forked_under_test import Number
        from sohoa.child import Child, Task
        children = [Child(("forked_under_test",)) for _ in range(3)]
        server = [child.call(Task("forked_under_test:server", Number, Number), Number(0)).n for child in children][0]
        print(server, *(child.pid for child in children), flush=True)
        children[0].call(Task("forked_under_test:sleep", Number, Number), Number(600))
        """
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env) as parent:
        assert parent.stdout
        pids = parent.stdout.readline().split()
        parent.kill()
    assert len(pids) == 4
    for pid in pids:
        assert wait_for(lambda pid=pid: not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text())


def test_children_of_different_kinds_keep_working_when_their_servers_are_put_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    names = [f"kind_{n}_under_test" for n in range(6)]
    for name in names:
        (tmp_path / f"{name}.py").write_text(BODY)
    children = [Child((name,)) for name in names]
    try:
        servers = [child.call(Task(f"{name}:server", Number, Number), Number(0)).n for name, child in zip(names, children, strict=True)]
        assert len(set(servers)) == len(names)
        again = [child.call(Task(f"{name}:server", Number, Number), Number(0)).n for name, child in zip(names, children, strict=True)]
        assert again == servers
    finally:
        for child in children:
            child.kill()
    assert wait_for(lambda: not Path(f"/proc/{servers[0]}").exists() or " Z " in Path(f"/proc/{servers[0]}/stat").read_text())


def test_a_process_with_many_open_files_has_children_too(kind: tuple[str, ...]) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(most[0], min(2048, most[1])), most[1]))
    files = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        with Child(kind) as child:
            ask(child, "server")
            with pytest.raises(SohoaError):
                ask(child, "leave")
            assert ask(child, "fill", 3) == 3
    finally:
        for file in files:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, most)
