"""How a file comes in: in the request itself, from a place where it was dropped, or from an address on an allowed server.

Nothing here looks into a file; it is written to a folder of its own, hashed, and handed on.
"""

import hmac
import unicodedata
from collections.abc import AsyncIterator
from email.message import Message as Headers
from hashlib import sha256
from pathlib import Path
from time import time
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pipeline.portal.counter import Arrived
from pipeline.portal.deeds import digest
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules
from sohoa.settings import ApiSettings
from storage.places import DropPlaces
from storage.requests import Requests

MOST_FILES = 100
SLACK = 1 << 20  # of a multipart request around its files
_LONGEST = 120  # bytes of a file's name
_FETCH_SECONDS = 60.0


async def from_request(request: Request, folder: Path, name: str, most: int) -> list[Arrived]:
    """The files of a multipart request, or the one that is its body. Raises SohoaError no_upload, file_too_large."""
    kind = request.headers.get("content-type", "")
    arrived: list[Arrived] = []
    if kind.lower().startswith("multipart/form-data"):
        try:
            form = await request.form(max_files=MOST_FILES, max_fields=MOST_FILES)
        except (MultiPartException, ValueError, AssertionError):
            raise SohoaError("request_invalid", where="multipart") from None
        for part in [value for _, value in form.multi_items() if isinstance(value, UploadFile)]:
            target = folder / str(len(arrived))
            arrived.append(Arrived(harmless(part.filename or ""), target, await write_parts(part, target, most)))
    else:
        target = folder / "body"
        sha = await _write(request.stream(), target, most)
        arrived = [Arrived(harmless(name or _disposition(request)), target, sha)] if target.stat().st_size else []
    if not arrived:
        raise SohoaError("no_upload")
    return arrived


def from_address(url: str, name: str, folder: Path, settings: ApiSettings, most: int) -> Arrived:
    """Fetch an upload from one of the servers that the settings name.

    Raises SohoaError net_host and what else the guarded client refuses, upload_not_fetched.
    """
    if not settings.fetch_hosts:
        raise SohoaError("net_host")
    hosts = frozenset(host.lower() for host in settings.fetch_hosts)
    rules = NetworkRules(hosts=hosts, loopback=settings.allow_loopback, seconds=_FETCH_SECONDS, size=most)
    answer = NetworkClient(rules).get(url)
    if answer.status != 200:
        raise SohoaError("upload_not_fetched", status=answer.status)
    target = folder / "fetched"
    target.write_bytes(answer.body)
    return Arrived(harmless(name or unquote(urlsplit(url).path).rsplit("/", 1)[-1]), target, digest(target))


def from_drop(id: str, office: str, folder: Path, requests: Requests, places: DropPlaces) -> Arrived:
    """What was dropped at one of the office's places. Raises SohoaError not_found_here, upload_missing, upload_differs."""
    drop = requests.drop(id)
    if drop is None or drop.office != office:
        raise SohoaError("not_found_here")
    if drop.state == "taken":
        raise SohoaError("upload_expired")
    target = folder / "dropped"
    places.fetch(drop.id, target)
    sha = digest(target)
    if drop.sha256 and not hmac.compare_digest(drop.sha256, sha):
        places.remove(drop.id)
        raise SohoaError("upload_differs")
    return Arrived(harmless(drop.name), target, sha)


def harmless(name: str) -> str:
    """A file's name without folders and control characters, NFC and short; "upload" when nothing is left."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    bare = "".join(letter for letter in bare if unicodedata.category(letter)[0] != "C").strip().lstrip(".")
    stem, dot, ending = bare.rpartition(".")
    if dot and stem and len(ending) <= 8:
        return _short(stem, _LONGEST - len(ending.encode()) - 1) + dot + ending
    return _short(bare, _LONGEST) or "upload"


class Signed(Struct, frozen=True):
    """Addresses of our own for one upload: `/v1/uploads/ID?expires=…&signature=…`, an HMAC over both under `secret`."""

    secret: bytes

    def query(self, id: str, expires: float) -> str:
        """What stands behind the address."""
        return f"expires={int(expires)}&signature={self._sign(id, int(expires))}"

    def check(self, id: str, expires: str, signature: str) -> None:
        """Raises SohoaError upload_expired."""
        stated = int(expires) if expires.isascii() and expires.isdigit() else 0
        if stated < time() or not hmac.compare_digest(self._sign(id, stated), signature):
            raise SohoaError("upload_expired")

    def _sign(self, id: str, expires: int) -> str:
        return hmac.new(self.secret, f"PUT {id} {expires}".encode(), "sha256").hexdigest()


class LimitedBody:
    """No request brings more than `most` bytes; which too long ones hear before or while they are read."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count what is received."""
        if scope["type"] != "http" or not scope["path"].startswith(("/v1/", "/api/")):
            await self.app(scope, receive, send)  # the check page beside us has limits of its own
            return
        stated = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        too_long = not stated.isdigit() or int(stated) > self.most
        received = 0

        async def counted() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            if too_long or received > self.most:
                raise SohoaError("file_too_large")
            return part

        await self.app(scope, counted, send)


async def write_body(request: Request, target: Path, most: int) -> str:
    """The body of a request in a file; returns its SHA-256."""
    return await _write(request.stream(), target, most)


async def write_parts(upload: UploadFile, target: Path, most: int) -> str:
    """One file of a multipart request in a file of its own; returns its SHA-256."""
    return await _write(_parts(upload), target, most)


async def _write(parts: AsyncIterator[bytes], target: Path, most: int) -> str:
    running, size = sha256(), 0
    with target.open("wb") as file:
        async for part in parts:
            size += len(part)
            if size > most:
                raise SohoaError("file_too_large")
            running.update(part)
            await run_in_threadpool(file.write, part)
    return running.hexdigest()


async def _parts(upload: UploadFile) -> AsyncIterator[bytes]:
    while part := await upload.read(1 << 20):
        yield part


def _disposition(request: Request) -> str:
    header = Headers()
    header["content-disposition"] = request.headers.get("content-disposition", "attachment")
    return header.get_filename() or ""


def _short(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
