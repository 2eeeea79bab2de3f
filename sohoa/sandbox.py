"""The inside of a killable child: doors shut first, then parsers, then one request after another until the parent is gone.

The network is lost (seccomp) before anything is imported that could meet a document; memory, file size and open files are limited
before the first request is read.
"""

import contextlib
import errno
import gc
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, BinaryIO

import msgspec

from sohoa.disk import is_full
from sohoa.errors import SohoaError, UsageError

HEADER = 8  # bytes before each message: its length, big-endian
OUT_OF_MEMORY = 86  # the status a child ends with that was refused memory


class Answer(msgspec.Struct):
    """What comes back for one request: the encoded answer, or the code it failed with."""

    body: bytes = b""
    code: str = ""
    facts: dict[str, str | int | float] = {}
    usage: bool = False  # the command or a setting is wrong, not the file


def load(names: list[str]) -> Answer:
    """Import what children are to run, "module" or "module:function to call then"; each child's greeting says whether it could be."""
    gc.disable()  # what is imported stays: looking for garbage among it takes a tenth of the time
    try:
        for name in names:
            module, _, then = name.partition(":")
            loaded = importlib.import_module(module)
            if then:
                getattr(loaded, then)()
    except Exception as error:  # noqa: BLE001 - a broken installation fails in its own way; nothing of a document is loaded yet
        return Answer(code="worker_start", facts={"kind": type(error).__name__, "what": str(error)[:200]})
    finally:
        gc.freeze()
        gc.enable()
    return Answer()


def framed(message: bytes) -> bytes:
    """`message` as it crosses a pipe."""
    return len(message).to_bytes(HEADER, "big") + message


def receive(incoming: BinaryIO) -> bytes | None:
    """The next message, None when the other end is closed."""
    header = incoming.read(HEADER)
    return incoming.read(int.from_bytes(header, "big")) if len(header) == HEADER else None


def serve(incoming: BinaryIO, outgoing: BinaryIO, greeting: Answer) -> None:
    """Greet, then answer every request until the other end is closed."""

    def send(answer: Answer) -> None:
        outgoing.write(framed(msgspec.msgpack.encode(answer)))
        outgoing.flush()

    with contextlib.suppress(BrokenPipeError):
        send(greeting)
        while (frame := receive(incoming)) is not None:
            send(_answer(*msgspec.msgpack.decode(frame, type=tuple[str, bytes])))


def _answer(name: str, body: bytes) -> Answer:
    try:
        function = _resolve(name)
        request = msgspec.msgpack.decode(body, type=_asked(function))
        return Answer(body=msgspec.msgpack.encode(function(request)))
    except SohoaError as error:
        return Answer(code=error.code, facts=error.facts, usage=isinstance(error, UsageError))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except RecursionError:
        return Answer(code="too_deep")
    except Exception as error:  # noqa: BLE001 - whatever a parser throws becomes a code; its text may hold private data
        if is_full(error):
            return Answer(code="disk_full")  # nothing is wrong with the file: worth another try
        return Answer(code="unexpected_error", facts={"kind": type(error).__name__, "where": _where(error)})


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


def limit(memory: int, file_size: int, open_files: int) -> None:
    """Limit this process's address space and files (bytes); a stricter limit that it was born with stays."""
    for what, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size),
        (resource.RLIMIT_NOFILE, open_files),
    ):
        hard = resource.getrlimit(what)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def shut_doors() -> None:
    """No core dumps, which would hold documents, and no network, here and in whatever this process starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        _lose_network()


def die_with(parent: int) -> None:
    """Ask the kernel to kill this process when `parent` (a process id) ends; exit at once if it is gone already."""
    if sys.platform == "linux":
        import ctypes

        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _lose_network() -> None:
    """Deny every socket but local pairs; the filter is inherited by whatever this process starts."""
    import socket

    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "socket", pyseccomp.Arg(0, pyseccomp.NE, socket.AF_UNIX))
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "connect")
    rules.add_rule(pyseccomp.ERRNO(errno.EACCES), "ptrace")
    rules.load()
