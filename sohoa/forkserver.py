"""Where killable children come from: one process that has loaded the parsers and never meets a document forks them.

Loading the libraries takes a second of CPU. A child that is forked has them at once and shares their memory with its siblings,
so that several workers cost one start, and the one that takes the place of a dead worker costs none. The server has lost the
network like its children, has a single thread, and knows of documents nothing: all it hears is which pipes the next child is to use.

Every child is the leader of a session and process group of its own and dies with the server, as the server does with its parent. The
server keeps a dead child's process id taken until the parent has let go of it, so that nobody else's process can be killed for it.
"""

import contextlib
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic, sleep

import msgspec
from msgspec import Struct

from sohoa.sandbox import Answer, die_with, framed, limit, load, receive, serve, shut_doors

_NUMBER = 4  # bytes of what the server says of a child: its process id, then the status it ended with
_MOST_SERVERS = 4  # each holds its libraries; only tests ask for more kinds of children
_LAST_STEPS = 5.0  # seconds: what has not ended by then was made to stay
_UNKNOWN = -int(signal.SIGKILL)  # a server that is gone took its children along
# Pages are pictures of many megabytes: memory given back to the kernel after each of them costs a twentieth of the time
# to be zeroed and mapped again (glibc's mallopt(3); the first is the largest value it accepts).
_ALLOCATOR = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20), "MALLOC_TOP_PAD_": str(16 << 20)}
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OMP_THREAD_LIMIT": "1"}  # also for what is loaded late, and for programs that a child starts


class _Birth(msgspec.Struct):
    """The next child: what it may use, and the surroundings that it has from its parent."""

    memory: int
    file_size: int
    open_files: int
    folder: str
    environment: dict[str, str]


class Forked:
    """A child as its parent knows it: two pipes (file descriptors) and the server's word on how it ended."""

    def __init__(self, requests: int, answers: int, said: int) -> None:
        self.requests = requests
        self.answers = answers
        self._said = said
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._status: int | None = None
        self._kept = True

    @property
    def pid(self) -> int | None:
        """The process id, which is the process group's too; waits for the server. None when there never was such a process."""
        with self._lock:
            if self._pid is None and self._status is None:
                self._pid = self._number()
                if self._pid is None:
                    self._status = _UNKNOWN
            return self._pid

    def status(self, seconds: float | None = 0.0) -> int | None:
        """How it ended (a signal's number is negative), None if it has not within `seconds` (None: however long that takes)."""
        if self.pid is None:
            return self._status
        with self._lock:
            if self._status is None and self._speaks(seconds):
                said = self._number()
                self._status = _UNKNOWN if said is None else said
            return self._status

    def kill(self) -> None:
        """End it and everything it started, at once."""
        pid = self.pid
        with self._lock:
            if self._kept and pid is not None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(pid, signal.SIGKILL)

    def let_go(self) -> None:
        """Kill it, wait for its end and put the pipes away. One that is not born yet the server ends by itself."""
        if self._pid is not None or self._speaks(0):
            self.kill()
            self.status(None)
        with self._lock:
            self._kept = False
            for pipe in (self.requests, self.answers, self._said):
                os.close(pipe)

    def _speaks(self, seconds: float | None) -> bool:
        ready = select.poll()  # select() knows no descriptors from 1024 on, which a busy portal has
        ready.register(self._said, select.POLLIN)
        return bool(ready.poll(None if seconds is None else 1000 * seconds))

    def _number(self) -> int | None:
        said = os.read(self._said, _NUMBER)
        return int.from_bytes(said, "big", signed=True) if len(said) == _NUMBER else None


class _Server(Struct, frozen=True):
    process: "subprocess.Popen[bytes]"
    line: socket.socket

    def born(self, birth: bytes) -> Forked:
        """Ask for a child; returns at once. Raises OSError when the server is gone."""
        theirs_in, requests = os.pipe()
        answers, theirs_out = os.pipe()
        said, theirs_said = os.pipe()
        try:
            socket.send_fds(self.line, [b"1"], [theirs_in, theirs_out, theirs_said, 2])
            write(requests, framed(birth))
        except OSError:
            for mine in (requests, answers, said):
                os.close(mine)
            raise
        finally:
            for theirs in (theirs_in, theirs_out, theirs_said):
                os.close(theirs)
        return Forked(requests, answers, said)

    def dismiss(self) -> None:
        """Have no more children by it; it ends with the last it has."""
        self.line.close()
        threading.Thread(target=self.process.wait, name="sohoa-dismissed", daemon=True).start()


def write(pipe: int, data: bytes) -> None:
    """All of `data`. Raises BrokenPipeError when nobody is left to read it."""
    left = memoryview(data)
    while left:
        left = left[os.write(pipe, left) :]


_servers: OrderedDict[tuple[str, ...], _Server] = OrderedDict()
_lock = threading.Lock()


def _forget() -> None:
    """In a forked copy of this process: the servers are the original's."""
    global _lock
    _lock = threading.Lock()
    for server in _servers.values():
        server.line.close()
    _servers.clear()
    _spawner.cache_clear()


os.register_at_fork(after_in_child=_forget)


def fork(preload: tuple[str, ...], memory: int, file_size: int, open_files: int) -> Forked:
    """A new child with the modules `preload` loaded and these limits (bytes, bytes, a number); returns before it is born."""
    birth = msgspec.msgpack.encode(_Birth(memory, file_size, open_files, _folder(), _environment()))
    kind = (*preload, "", *sys.path)
    with _lock:
        for last in (False, True):
            server = _servers.get(kind)
            if server is None:
                server = _servers[kind] = _spawner().submit(_started, preload).result()
                while len(_servers) > _MOST_SERVERS:
                    _servers.popitem(last=False)[1].dismiss()
            _servers.move_to_end(kind)
            try:
                return server.born(birth)
            except (BrokenPipeError, ConnectionResetError):
                _servers.pop(kind).dismiss()
                if last:
                    raise
    raise AssertionError  # the loop returns or raises


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - a string is what crosses
    except FileNotFoundError:
        return "/"


def _environment() -> dict[str, str]:
    return {**os.environ, **_ONE_THREAD, **_ALLOCATOR, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def _started(preload: tuple[str, ...]) -> _Server:
    mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line = [sys.executable, "-P", "-m", "sohoa.forkserver", str(os.getpid()), str(theirs.fileno()), *preload]
    none, fds = subprocess.DEVNULL, (theirs.fileno(),)
    with theirs:
        process = subprocess.Popen(line, stdin=none, stdout=none, start_new_session=True, env=_environment(), pass_fds=fds)
    return _Server(process, mine)


@cache
def _spawner() -> ThreadPoolExecutor:
    # The server asks the kernel to die with its parent; Linux counts the death of the *thread* that started it,
    # so every server is started by one thread that lives as long as the process.
    return ThreadPoolExecutor(1, "sohoa-spawner")


# ---------------------------------------------------------------------------------------------- inside the server


class _Nursery:
    """The server's life: load, then fork a child whenever one is asked for, and say how each ended."""

    def __init__(self, line: socket.socket, greeting: Answer) -> None:
        self._line = line
        self._greeting = greeting
        self._children: dict[int, int] = {}  # process id → where its end is to be told
        self._ended: set[int] = set()
        self._wake, waker = os.pipe()
        self._mine = (self._wake, waker)
        os.set_blocking(waker, False)
        signal.set_wakeup_fd(waker)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def run(self) -> None:
        """Until the parent has closed the line and let go of every child."""
        poll = select.poll()
        poll.register(self._line, select.POLLIN)
        poll.register(self._wake, select.POLLIN)
        asked = True
        while asked or self._children:
            happened = dict(poll.poll())
            if self._wake in happened:
                os.read(self._wake, 512)
                self._tell_ends()
            for pid, said in list(self._children.items()):
                if said in happened:  # nobody listens there any more
                    poll.unregister(said)
                    self._bury(pid)
            if self._line.fileno() in happened:
                born = self._bear()
                if born is None:
                    asked = False
                    poll.unregister(self._line)
                else:
                    poll.register(born, 0)

    def _bear(self) -> int | None:
        """Fork the child that is asked for: where its end will be told, None when the parent wants no more."""
        message, given, _, _ = socket.recv_fds(self._line, 1, 4)
        if not message:
            return None
        for fd in given:
            os.set_inheritable(fd, False)
        requests, answers, said, errors = given
        server = os.getpid()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                self._live(server, requests, answers, errors, said)
            os._exit(1)
        self._children[pid] = said
        for fd in (requests, answers, errors):
            os.close(fd)
        with contextlib.suppress(BrokenPipeError):
            os.write(said, pid.to_bytes(_NUMBER, "big", signed=True))
        return said

    def _live(self, server: int, requests: int, answers: int, errors: int, said: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        die_with(server)
        self._line.close()
        for fd in (*self._mine, said, *self._children.values()):
            os.close(fd)
        os.dup2(errors, 2)
        os.dup2(errors, 1)  # a library that prints must not write into the answers
        os.close(errors)
        with os.fdopen(requests, "rb") as incoming, os.fdopen(answers, "wb") as outgoing:
            birth = msgspec.msgpack.decode(receive(incoming) or b"", type=_Birth)
            os.environ.clear()
            os.environ.update(birth.environment)
            with contextlib.suppress(OSError):
                os.chdir(birth.folder)
            limit(birth.memory, birth.file_size, birth.open_files)
            serve(incoming, outgoing, self._greeting)
        os._exit(0)

    def _tell_ends(self) -> None:
        for pid, said in self._children.items():
            if pid in self._ended:
                continue
            end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if end is None:
                continue
            self._ended.add(pid)
            status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
            with contextlib.suppress(BrokenPipeError):
                os.write(said, status.to_bytes(_NUMBER, "big", signed=True))

    def _bury(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        self._ended.discard(pid)
        os.close(self._children.pop(pid))


def main(parent: int, line: int, preload: list[str]) -> None:
    """`python -m sohoa.forkserver PARENT LINE MODULE…`"""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C belongs to the parent, which ends us when it has decided
    die_with(parent)
    shut_doors()
    threading.stack_size(16 << 20)
    with socket.socket(fileno=line) as asked:
        greeting = load(preload)
        _wait_until_alone()
        _Nursery(asked, greeting).run()


def _wait_until_alone() -> None:
    """Until the threads that loaded something have left the process.

    A thread that Python has joined still has its libraries' destructors to run. OpenCV's take a lock, and a child that is forked while
    they hold it waits for it at its first picture until its time is up.
    """
    over = monotonic() + _LAST_STEPS
    while len(os.listdir("/proc/self/task")) > 1 and monotonic() < over:  # noqa: PTH208
        sleep(0.001)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
