"""The killable child: the only place where untrusted bytes meet a parser (design rule 7).

A child is a fresh interpreter in a session of its own. Before it imports any parser it loses the network (seccomp),
core dumps and most of its memory allowance; then it serves one task after another over two pipes, so that models
and libraries are loaded once. What crosses the pipes is msgpack decoded into the declared types: a parser that has
been taken over can send a wrong answer, but no code.

A task that runs over its time is ended with its whole process group; the next call starts a new child. The parent
never imports what the child runs: a `Task` names its function as "module:function".
"""

import contextlib
import errno
import gc
import importlib
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Any, Generic, TypeVar

import msgspec

from sohoa.errors import SohoaError, UsageError

Q = TypeVar("Q")
R = TypeVar("R")

_HEADER = 8
_LARGEST_ANSWER = 512 << 20
_START_SECONDS = 60.0
# Pages are pictures of many megabytes: memory given back to the kernel after each of them costs a twentieth of the time
# to be zeroed and mapped again (glibc's mallopt(3); the first is the largest value it accepts).
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20), "MALLOC_TOP_PAD_": str(16 << 20)}


@dataclass(frozen=True)
class Task(Generic[Q, R]):
    """A function of one argument that a child can run.

    `function` is "module:name"; `asks` and `answers` are the dataclasses that cross the wall.
    """

    function: str
    asks: type[Q]
    answers: type[R]


@dataclass(frozen=True)
class Limits:
    """What a child may use. `memory` counts address space in bytes, `seconds` is wall time for one call."""

    memory: int = 4 << 30
    seconds: float = 120.0
    file_size: int = 4 << 30
    open_files: int = 256


class _Answer(msgspec.Struct):
    body: bytes = b""
    code: str = ""
    facts: dict[str, str | int | float] = {}
    usage: bool = False  # the command or a setting is wrong, not the file


class Child:
    """One child process; starts on the first call, is replaced after any death.

    Not shared between threads: one thread drives one child; only `interrupt` may be called by any other.
    """

    def __init__(self, preload: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        self._preload = preload
        self._limits = limits or Limits()
        self._process: subprocess.Popen[bytes] | None = None
        self._ready = False

    @property
    def pid(self) -> int | None:
        """The running child's process id, which is its process group's too."""
        return self._process.pid if self._process else None

    def warm(self) -> "subprocess.Popen[bytes]":
        """Start the process now, so that the first call need not wait for its imports."""
        if self._process is None or self._process.poll() is not None:
            self._process = self._start()
        return self._process

    def call(self, task: Task[Q, R], request: Q, seconds: float | None = None) -> R:
        """Run `task` on `request` and wait for its answer.

        Raises SohoaError with the child's own code, or time_limit, memory_limit, worker_died, worker_answer; UsageError
        worker_start when the child cannot even load what it is to run, which is the installation's fault and no file's.
        """
        process = self.warm()
        if process.stdin is None or process.stdout is None:
            raise SohoaError("worker_answer")
        frame = msgspec.msgpack.encode((task.function, msgspec.msgpack.encode(request)))
        limit = seconds or self._limits.seconds
        try:
            if not self._ready:
                self._greet(process.stdout.fileno())
            process.stdin.write(len(frame).to_bytes(_HEADER, "big") + frame)
            process.stdin.flush()
            answer = msgspec.msgpack.decode(_receive(process.stdout.fileno(), monotonic() + limit), type=_Answer)
            if answer.code:
                raise (UsageError if answer.usage else SohoaError)(answer.code, **answer.facts)
            return msgspec.msgpack.decode(answer.body, type=task.answers)
        except TimeoutError:
            self.kill()
            raise SohoaError("time_limit", seconds=round(limit)) from None
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise self._death() from None
        except msgspec.MsgspecError:
            self.kill()
            raise SohoaError("worker_answer") from None

    def _greet(self, fd: int) -> None:
        hello = msgspec.msgpack.decode(_receive(fd, monotonic() + _START_SECONDS), type=_Answer)
        if hello.code:
            self.kill()
            raise UsageError(hello.code, **hello.facts)
        self._ready = True

    def interrupt(self) -> None:
        """End the child and everything it started, at once; the thread that waits for it gets worker_died."""
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)

    def kill(self) -> None:
        """End the child and put its pipes away; the next call starts a new one."""
        self.interrupt()
        process, self._process = self._process, None
        self._ready = False
        if process is None:
            return
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    close = kill

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _start(self) -> "subprocess.Popen[bytes]":
        self.kill()
        limits = map(str, (self._limits.memory, self._limits.file_size, self._limits.open_files))
        line = [sys.executable, "-P", "-m", "sohoa.child", *limits, *self._preload]
        threads = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}
        env = {**os.environ, **threads, **_ALLOCATOR, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}

        def start() -> "subprocess.Popen[bytes]":
            return subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, env=env)

        return _spawner().submit(start).result()

    def _death(self) -> SohoaError:
        process = self._process
        status = process.wait(5) if process else 0
        self.kill()
        if status == _OUT_OF_MEMORY:
            return SohoaError("memory_limit", megabytes=self._limits.memory >> 20)
        return SohoaError("worker_died", cause=signal.Signals(-status).name if status < 0 else f"exit {status}")


@cache
def _spawner() -> ThreadPoolExecutor:
    # A child asks the kernel to die with its parent; Linux counts the death of the *thread* that started it,
    # so every child is started by one thread that lives as long as the process.
    return ThreadPoolExecutor(1, "sohoa-spawner")


def _receive(fd: int, deadline: float) -> bytes:
    with DefaultSelector() as ready:
        ready.register(fd, EVENT_READ)

        def exactly(count: int) -> bytes:
            parts = bytearray()
            while len(parts) < count:
                if not ready.select(max(0.0, deadline - monotonic())):
                    raise TimeoutError
                part = os.read(fd, min(count - len(parts), 1 << 20))
                if not part:
                    raise EOFError
                parts += part
            return bytes(parts)

        size = int.from_bytes(exactly(_HEADER), "big")
        if size > _LARGEST_ANSWER:
            raise msgspec.DecodeError("answer too large")
        return exactly(size)


# ---------------------------------------------------------------------------------------------- inside the child

_OUT_OF_MEMORY = 86


def serve(memory: int, file_size: int, open_files: int, preload: list[str]) -> None:
    """The child's life: shut the doors, import the parsers, answer until the parent is gone."""
    requests, answers = os.dup(0), os.dup(1)
    # A library that prints must not write into the answers.
    os.dup2(2, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    _shut_doors(memory, file_size, open_files)
    incoming = os.fdopen(requests, "rb")
    outgoing = os.fdopen(answers, "wb")

    def send(answer: _Answer) -> None:
        frame = msgspec.msgpack.encode(answer)
        outgoing.write(len(frame).to_bytes(_HEADER, "big") + frame)
        outgoing.flush()

    send(_load(preload))
    while len(header := incoming.read(_HEADER)) == _HEADER:
        name, body = msgspec.msgpack.decode(incoming.read(int.from_bytes(header, "big")), type=tuple[str, bytes])
        send(_answer(name, body))


def _load(preload: list[str]) -> _Answer:
    """Import what the child is to run; the greeting says whether it can."""
    gc.disable()  # what is imported stays: looking for garbage among it takes a tenth of the time
    try:
        for name in preload:
            importlib.import_module(name)
    except Exception as error:  # noqa: BLE001 - a broken installation fails in its own way; nothing of a document is loaded yet
        return _Answer(code="worker_start", facts={"kind": type(error).__name__, "what": str(error)[:200]})
    finally:
        gc.freeze()
        gc.enable()
    return _Answer()


def _answer(name: str, body: bytes) -> _Answer:
    try:
        function = _resolve(name)
        request = msgspec.msgpack.decode(body, type=_asked(function))
        return _Answer(body=msgspec.msgpack.encode(function(request)))
    except SohoaError as error:
        return _Answer(code=error.code, facts=error.facts, usage=isinstance(error, UsageError))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
    except RecursionError:
        return _Answer(code="too_deep")
    except Exception as error:  # noqa: BLE001 - whatever a parser throws becomes a code; its text may hold private data
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return _Answer(code="disk_full")  # nothing is wrong with the file: worth another try
        return _Answer(code="unexpected_error", facts={"kind": type(error).__name__, "where": _where(error)})


def _where(error: Exception) -> str:
    """File and line of the innermost frame: enough to find a bug, and never a document's text."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}" if trace else ""  # noqa: PTH119


@cache
def _resolve(name: str) -> Callable[[Any], Any]:
    module, _, attribute = name.partition(":")
    function: Callable[[Any], Any] = getattr(importlib.import_module(module), attribute)
    return function


@cache
def _asked(function: Callable[[Any], Any]) -> Any:
    from typing import get_type_hints

    hints = get_type_hints(function)
    return next(kind for key, kind in hints.items() if key != "return")


def _shut_doors(memory: int, file_size: int, open_files: int) -> None:
    for what, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, open_files),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (allowed, allowed))
    if sys.platform == "linux":
        _die_with_parent()
        _lose_network()


def _die_with_parent() -> None:
    import ctypes

    pr_set_pdeathsig = 1
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:  # it died before we asked
        os._exit(0)


def _lose_network() -> None:
    """Deny every socket but local pairs; the filter is inherited by whatever the child starts."""
    import socket

    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "socket", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "connect")
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "ptrace")
    rules.load()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which ends us when it has decided
    threading.stack_size(16 << 20)
    serve(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
