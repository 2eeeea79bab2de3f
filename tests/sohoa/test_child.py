"""The wall between untrusted bytes and everything else: what a child may not do, and what its death becomes."""

import os
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from sohoa.child import Child, Limits, Task
from sohoa.errors import SohoaError, UsageError

BODY = """
import ctypes, os, socket, subprocess, sys, time
from dataclasses import dataclass
from sohoa.errors import SohoaError

@dataclass
class Number:
    n: int

def add(q: Number) -> Number:
    return Number(q.n + 1)
def pid(q: Number) -> Number:
    return Number(os.getpid())
def sleep(q: Number) -> Number:
    subprocess.Popen(["sleep", str(q.n)]); time.sleep(q.n); return q
def connect(q: Number) -> Number:
    socket.create_connection(("127.0.0.1", q.n)); return q
def connect_from_grandchild(q: Number) -> Number:
    line = f"import socket; socket.create_connection(('127.0.0.1', {q.n}))"
    return Number(subprocess.run([sys.executable, "-c", line], stderr=subprocess.DEVNULL).returncode)
def fill(q: Number) -> Number:
    return Number(len(bytearray(q.n)))
def write_to_a_full_disk(q: Number) -> Number:
    with open("/dev/full", "w") as file:
        file.write("x" * q.n)
    return q
def crash(q: Number) -> Number:
    ctypes.string_at(0); return q
def deep(q: Number) -> Number:
    return deep(q)
def refuse(q: Number) -> Number:
    raise SohoaError("file_empty", n=q.n)
def secret(q: Number) -> Number:
    raise ValueError("Nguyễn Văn A 001072952507")
def lie(q: Number) -> str:
    return "not a number"
def chat(q: Number) -> Number:
    print("a library that prints"); return q
"""


@dataclass
class Number:
    n: int


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "work_under_test.py").write_text(BODY)
    monkeypatch.syspath_prepend(str(tmp_path))
    with Child(("work_under_test",), Limits(memory=1 << 30, seconds=20)) as child:
        yield child


def ask(child: Child, name: str, n: int = 1, seconds: float | None = None) -> int:
    return child.call(Task(f"work_under_test:{name}", Number, Number), Number(n), seconds).n


def code_of(child: Child, name: str, n: int = 1, seconds: float | None = None) -> SohoaError:
    with pytest.raises(SohoaError) as caught:
        ask(child, name, n, seconds)
    return caught.value


def test_one_process_serves_many_calls(child: Child) -> None:
    assert ask(child, "add", 41) == 42
    assert ask(child, "pid") == ask(child, "pid") == child.pid


def test_a_call_over_its_time_is_ended_with_everything_it_started_and_the_next_call_works(child: Child) -> None:
    ask(child, "add")
    group = child.pid
    assert group is not None
    assert code_of(child, "sleep", 60, seconds=0.5).code == "time_limit"
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and subprocess.run(["pgrep", "-g", str(group)], capture_output=True).stdout:
        time.sleep(0.05)
    assert not subprocess.run(["pgrep", "-g", str(group)], capture_output=True).stdout
    assert ask(child, "add") == 2


def test_no_network_for_the_child_or_for_what_it_starts(child: Child) -> None:
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port = server.getsockname()[1]
        socket.create_connection(("127.0.0.1", port)).close()  # the way is open for us
        assert code_of(child, "connect", port).facts["kind"] == "PermissionError"
        assert ask(child, "connect_from_grandchild", port) != 0


def test_too_much_memory_is_a_code_and_the_next_call_works(child: Child) -> None:
    assert code_of(child, "fill", 2 << 30).code == "memory_limit"
    assert ask(child, "fill", 1 << 20) == 1 << 20


def test_a_crash_names_its_signal(child: Child) -> None:
    assert code_of(child, "crash").facts["cause"] == "SIGSEGV"
    assert ask(child, "add") == 2


def test_endless_recursion_is_a_code(child: Child) -> None:
    assert code_of(child, "deep").code == "too_deep"


def test_a_code_crosses_with_its_facts(child: Child) -> None:
    error = code_of(child, "refuse", 7)
    assert (error.code, error.facts) == ("file_empty", {"n": 7})


def test_an_unexpected_error_crosses_without_its_text(child: Child) -> None:
    error = code_of(child, "secret")
    assert error.code == "unexpected_error"
    assert error.facts["kind"] == "ValueError"
    assert "001072952507" not in str(error) + repr(error.facts) + str(error.message)


def test_an_answer_of_another_type_is_refused(child: Child) -> None:
    assert code_of(child, "lie").code == "worker_answer"


def test_a_child_that_cannot_load_its_work_blames_the_installation(tmp_path: Path) -> None:
    with Child(("no_such_module",)) as broken, pytest.raises(UsageError, match="worker_start"):
        broken.call(Task("no_such_module:f", Number, Number), Number(1))


def test_what_a_library_prints_does_not_disturb_the_answers(child: Child, capfd: pytest.CaptureFixture[str]) -> None:
    assert ask(child, "chat", 5) == 5


def test_interrupting_from_another_thread_ends_the_call(child: Child) -> None:
    import threading

    ask(child, "add")
    threading.Timer(0.3, child.interrupt).start()
    started = time.monotonic()
    assert code_of(child, "sleep", 60).code == "worker_died"
    assert time.monotonic() - started < 10


def test_a_child_dies_with_its_parent_even_in_mid_work(tmp_path: Path) -> None:
    (tmp_path / "work_under_test.py").write_text(BODY)
    program = textwrap.dedent(
        """
        import sys, threading, time
        from work_under_test import Number
        from sohoa.child import Child, Task
        child = Child(("work_under_test",))
        child.warm()
        print(child.pid, flush=True)
        child.call(Task("work_under_test:sleep", Number, Number), Number(600))
        """
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env)
    assert parent.stdout
    with parent.stdout:
        pid = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and Path(f"/proc/{pid}/stat").exists() and " Z " not in Path(f"/proc/{pid}/stat").read_text():
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}").exists() or " Z " in Path(f"/proc/{pid}/stat").read_text()


def test_a_full_disk_is_no_fault_of_the_file(child: Child) -> None:
    assert code_of(child, "write_to_a_full_disk", 100_000).code == "disk_full"
