"""Opening a signing identity by its name: the key holder of the settings, its secret from a prompt, the environment
or a file descriptor, and its timestamp service."""

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sohoa.errors import UsageError
from sohoa.messages import message
from sohoa.settings import Settings

if TYPE_CHECKING:
    from pipeline.finish import Finishing
    from signing.agent_desk import DeskAccess
    from signing.model import Algorithm, KeyHolder, Trust
    from signing.timestamp import TimestampClient
    from sohoa.fetching import EvidenceClient


class OpenKey(Struct, frozen=True):
    """An identity ready to sign. `timestamp` is None unless the level asks for one; `trial` is said in every report.

    `algorithm` is that of the settings.
    """

    name: str
    holder: "KeyHolder"
    timestamp: "TimestampClient | None"
    profile: str
    trial: bool
    algorithm: "Algorithm"


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

    The secret is a passphrase or a PIN; what a remote service itself wants (a bearer token, the office's password or secret
    there) comes from `SOHOA_LOGIN_<NAME>`, else from the descriptor or a prompt. Raises UsageError
    identity_unknown, secret_missing, timestamp_missing, and what `signing.identities.open_identity` raises.
    """
    if not name:
        yield None
        return
    wanted = settings.identity(name)
    from signing.identities import open_identity
    from signing.model import Algorithm, Identity
    from sohoa.net import NetworkClient, NetworkRules

    timestamp = timestamp_client(settings) if level != "b" else None
    identity = Identity(
        name,
        path=Path(wanted.path).expanduser(),
        kind=wanted.kind,
        module=Path(wanted.module) if wanted.module else None,
        token=wanted.token,
        key=wanted.key,
        url=wanted.url,
        client=wanted.client,
        user=wanted.user,
        space=wanted.space,
    )
    login = _login(name, wanted.kind, bool(wanted.client), descriptor)
    secret = b"" if wanted.kind in ("smartca", "mysign", "agent") else _secret(name, descriptor)
    network = NetworkClient(NetworkRules(loopback=settings.timestamp.allow_loopback, seconds=settings.timestamp.seconds, size=1 << 20))
    desk = agent_desk(name, settings) if wanted.kind == "agent" else None
    if desk is not None:
        print(message("agent_expected", name=name).vi, file=sys.stderr, flush=True)
    if wanted.kind == "pkcs12" and not wanted.trial:
        print(f"! {message('key_in_file', name=name)}", file=sys.stderr, flush=True)
    with open_identity(identity, secret, network, login, desk=desk) as holder:
        yield OpenKey(name, holder, timestamp, wanted.profile, wanted.trial, Algorithm(wanted.digest, wanted.padding))


def finishing_with(key: OpenKey | None, settings: Settings) -> "Finishing":
    """What finishes and signs the documents of a batch on this machine, with the one `key` that is open here, or with none."""
    from pipeline.finish import Finishing
    from sohoa.fetching import signing_client

    if key is None:
        return Finishing(trust=settings.trust.folder)
    profile, fetch = key.profile or "officer_scan", signing_client(settings.timestamp)
    return Finishing(settings.trust.folder, key.holder, key.timestamp, profile, key.algorithm, fetch)


def agent_desk(name: str, settings: Settings) -> "DeskAccess":
    """Where the computer of the officer `name` calls; raises UsageError identity_unknown, agent_address_missing."""
    from urllib.parse import urlsplit

    from signing.agent_desk import DeskAccess
    from sohoa.settings import home

    wanted = settings.identity(name)
    try:
        port = urlsplit(wanted.url).port
    except ValueError:
        port = None
    if wanted.kind != "agent" or port is None:
        raise UsageError("agent_address_missing", name=name)
    return DeskAccess(home() / "agents", name, wanted.listen, port)


def evidence(settings: Settings) -> "tuple[EvidenceClient, Trust]":
    """What levels LT and LTA and a renewal need: the client that fetches evidence, and the trust folder's certificates and lists."""
    from signing.model import Trust
    from sohoa.fetching import signing_client
    from verification.truststore import load_trust

    store = load_trust(settings.trust.folder or None)
    return signing_client(settings.timestamp), Trust(store.anchors, store.intermediates, store.crls, store.ocsps)


def timestamp_client(settings: Settings) -> "TimestampClient":
    """The client of the timestamp service in the settings; raises UsageError timestamp_missing."""
    service = settings.timestamp
    if not service.url:
        raise UsageError("timestamp_missing")
    from signing.timestamp import TimestampClient
    from sohoa.net import NetworkClient, NetworkRules

    rules = NetworkRules(loopback=service.allow_loopback, seconds=service.seconds, size=1 << 20)
    return TimestampClient(service.url, NetworkClient(rules), service.tries)


def _login(name: str, kind: str, client: bool, descriptor: int | None) -> str:
    """What the service itself wants, "" for keys that are not at a service."""
    variable = _variable("LOGIN", name)
    if variable in os.environ or kind not in ("csc", "csc2", "smartca", "mysign"):
        return os.environ.get(variable, "")
    if kind == "csc" or (kind == "csc2" and not client):
        return ""
    if descriptor is not None:
        return read_line(descriptor).decode("utf8", "replace")
    if not sys.stdin.isatty():
        raise UsageError("secret_missing", name=name, variable=variable)
    return getpass.getpass(f"Mật khẩu của cơ quan tại dịch vụ ký số “{name}”: ")


def _secret(name: str, descriptor: int | None) -> bytes:
    if descriptor is not None:
        return read_line(descriptor)
    variable = _variable("PASSPHRASE", name)
    if variable in os.environ:
        return os.environ[variable].encode()
    if not sys.stdin.isatty():
        raise UsageError("secret_missing", name=name, variable=variable)
    return getpass.getpass(f"Mật khẩu của “{name}”: ").encode()


def _variable(what: str, name: str) -> str:
    return f"SOHOA_{what}_" + "".join(c if c.isalnum() else "_" for c in name).upper()


def read_line(descriptor: int) -> bytes:
    """One line, byte by byte: what follows belongs to the next identity."""
    line = bytearray()
    while (byte := os.read(descriptor, 1)) not in (b"", b"\n"):
        line += byte
    return bytes(line)
