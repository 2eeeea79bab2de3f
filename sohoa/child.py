"""The killable child: the only place where untrusted bytes meet a parser (design rule 7).

A child is a process of its own in a session of its own, forked by `sohoa.forkserver` with its libraries loaded. It has no network,
no core dumps and a memory allowance; it serves one task after another over two pipes. What crosses the pipes is msgpack decoded into
the declared types: a parser that has been taken over can send a wrong answer, but no code.

A task that runs over its time is ended with its whole process group; the next call has a new child. The parent
never imports what the child runs: a `Task` names its function as "module:function".
"""

import os
import signal
from selectors import EVENT_READ, DefaultSelector
from time import monotonic
from typing import Generic, TypeVar

import msgspec
from msgspec import Struct

from sohoa.errors import SohoaError, UsageError
from sohoa.forkserver import Forked, fork, write
from sohoa.sandbox import HEADER, OUT_OF_MEMORY, Answer, framed

Q = TypeVar("Q")
R = TypeVar("R")

_LARGEST_ANSWER = 512 << 20
_START_SECONDS = 60.0


class Task(Struct, Generic[Q, R], frozen=True):
    """A function of one argument that a child can run.

    `function` is "module:name"; `asks` and `answers` are the types that cross the wall.
    """

    function: str
    asks: type[Q]
    answers: type[R]


class Limits(Struct, frozen=True):
    """What a child may use. `memory` counts address space in bytes, `seconds` is wall time for one call."""

    memory: int = 4 << 30
    seconds: float = 120.0
    file_size: int = 4 << 30
    open_files: int = 256


class Child:
    """One child process; starts on the first call, is replaced after any death.

    Not shared between threads: one thread drives one child; only `interrupt` may be called by any other.
    """

    def __init__(self, preload: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        self._preload = preload
        self._limits = limits or Limits()
        self._process: Forked | None = None
        self._ready = False

    @property
    def pid(self) -> int | None:
        """The running child's process id, which is its process group's too."""
        return self._process.pid if self._process else None

    def warm(self) -> None:
        """Start the process now, so that the first call need not wait for its imports."""
        self._started()

    def call(self, task: Task[Q, R], request: Q, seconds: float | None = None) -> R:
        """Run `task` on `request` and wait for its answer.

        Raises SohoaError with the child's own code, or time_limit, memory_limit, worker_died, worker_answer; UsageError
        worker_start when the child cannot even load what it is to run, which is the installation's fault and no file's.
        """
        process = self._started()
        frame = msgspec.msgpack.encode((task.function, msgspec.msgpack.encode(request)))
        limit = seconds or self._limits.seconds
        try:
            if not self._ready:
                self._greet(process.answers)
            write(process.requests, framed(frame))
            answer = msgspec.msgpack.decode(_receive(process.answers, monotonic() + limit), type=Answer)
            if answer.code:
                raise (UsageError if answer.usage else SohoaError)(answer.code, **answer.facts)
            return msgspec.msgpack.decode(answer.body, type=task.answers)
        except TimeoutError:
            self.kill()
            raise SohoaError("time_limit", seconds=round(limit)) from None
        except (EOFError, BrokenPipeError):
            raise self._death() from None
        except msgspec.MsgspecError:
            self.kill()
            raise SohoaError("worker_answer") from None

    def _started(self) -> Forked:
        # Until it has greeted, the server may be loading still, and is not waited for.
        if self._process is None or (self._ready and self._process.status() is not None):
            self.kill()
            self._process = fork(self._preload, self._limits.memory, self._limits.file_size, self._limits.open_files)
        return self._process

    def _greet(self, fd: int) -> None:
        hello = msgspec.msgpack.decode(_receive(fd, monotonic() + _START_SECONDS), type=Answer)
        if hello.code:
            self.kill()
            raise UsageError(hello.code, **hello.facts)
        self._ready = True

    def interrupt(self) -> None:
        """End the child and everything it started, at once; the thread that waits for it gets worker_died."""
        process = self._process
        if process is not None:
            process.kill()

    def kill(self) -> None:
        """End the child and put its pipes away; the next call starts a new one."""
        process, self._process = self._process, None
        self._ready = False
        if process is not None:
            process.let_go()

    close = kill

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _death(self) -> SohoaError:
        status = self._process.status(5) if self._process else None
        self.kill()
        if status == OUT_OF_MEMORY:
            return SohoaError("memory_limit", megabytes=self._limits.memory >> 20)
        if status is None:
            return SohoaError("worker_died", cause="unknown")
        return SohoaError("worker_died", cause=signal.Signals(-status).name if status < 0 else f"exit {status}")


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

        size = int.from_bytes(exactly(HEADER), "big")
        if size > _LARGEST_ANSWER:
            raise msgspec.DecodeError("answer too large")
        return exactly(size)
