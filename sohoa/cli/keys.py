"""Opening a signing identity by its name: the key holder of the settings, its secret from a prompt, the environment
or a file descriptor, and its timestamp service."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.errors import UsageError
from sohoa.settings import Settings

if TYPE_CHECKING:
    from signing.keyholder import KeyProcess
    from signing.timestamp import TimestampClient


@dataclass(frozen=True)
class OpenKey:
    """An identity ready to sign. `timestamp` is None unless the level asks for one; `trial` is said in every report."""

    name: str
    holder: "KeyProcess"
    timestamp: "TimestampClient | None"
    profile: str
    trial: bool


def declare_secret(parser: argparse.ArgumentParser) -> None:
    """The one way to hand over a secret without a prompt or the environment."""
    parser.add_argument(
        "--passphrase-fd",
        type=int,
        metavar="N",
        help="đọc mật khẩu (một dòng mỗi danh tính) từ file descriptor · read secrets from a descriptor",
    )


@contextmanager
def open_key(name: str, settings: Settings, level: str = "b", descriptor: int | None = None) -> Iterator[OpenKey | None]:
    """The key called `name`, open until the block ends; None when `name` is empty.

    Raises UsageError identity_unknown, secret_missing, timestamp_missing, and SohoaError pin_wrong, identity_unreadable.
    """
    if not name:
        yield None
        return
    wanted = settings.identity(name)
    from signing.keyholder import KeyProcess
    from signing.model import Identity

    timestamp = timestamp_client(settings) if level != "b" else None
    identity = Identity(name, Path(wanted.path).expanduser())
    with KeyProcess(identity, _secret(name, descriptor)) as holder:
        yield OpenKey(name, holder, timestamp, wanted.profile, wanted.trial)


def timestamp_client(settings: Settings) -> "TimestampClient":
    """The client of the timestamp service in the settings; raises UsageError timestamp_missing."""
    service = settings.timestamp
    if not service.url:
        raise UsageError("timestamp_missing")
    from signing.timestamp import TimestampClient
    from sohoa.net import NetworkClient, NetworkRules

    rules = NetworkRules(loopback=service.allow_loopback, seconds=service.seconds, size=1 << 20)
    return TimestampClient(service.url, NetworkClient(rules), service.tries)


def _secret(name: str, descriptor: int | None) -> bytes:
    if descriptor is not None:
        return _line(descriptor)
    variable = "SOHOA_PASSPHRASE_" + "".join(c if c.isalnum() else "_" for c in name).upper()
    if variable in os.environ:
        return os.environ[variable].encode()
    if not sys.stdin.isatty():
        raise UsageError("secret_missing", name=name, variable=variable)
    return getpass.getpass(f"Mật khẩu của “{name}”: ").encode()


def _line(descriptor: int) -> bytes:
    """One line, byte by byte: what follows belongs to the next identity."""
    line = bytearray()
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)
