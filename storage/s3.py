"""Objects on an S3 server: content-addressed, written once, read through a folder of copies on this machine.

The name of an object is its SHA-256, and it is created on the condition that it is not there yet, so that no writer can
replace what another wrote. A copy that was fetched is hashed before anybody sees it. Keys come from the environment
(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN), never from the settings.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from sohoa.errors import SohoaError, UsageError
from storage.objects import FolderObjects

T = TypeVar("T")


class S3Objects:
    """A write-once store in a bucket. `cache` is a folder for copies, kept below `cache_bytes`.

    `address` is `s3://bucket/prefix?endpoint=https://host:port&region=…`; without an endpoint it is Amazon's own. Plain http
    is accepted where the endpoint says http: inside a machine room.
    """

    def __init__(self, address: str, cache: Path, cache_bytes: int = 20 << 30) -> None:
        parts = urlsplit(address)
        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        endpoint, region = options.pop("endpoint", None), options.pop("region", "us-east-1")
        if parts.scheme != "s3" or not parts.netloc or options:
            raise UsageError("objects_address")
        more = {"endpoint": endpoint} if endpoint else {}
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=region,
            client_options={"allow_http": bool(endpoint and endpoint.startswith("http://")), "timeout": "60s", "connect_timeout": "5s"},
            retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=8)},
            **more,  # type: ignore[arg-type]
        )
        self.drops = S3Places(self._store)
        self._copies = FolderObjects(cache)
        self._folder = cache
        self._most = cache_bytes
        self._fetched = 0

    def put(self, source: Path | bytes) -> str:
        """Store the bytes of `source` and return their SHA-256. Raises SohoaError store_unreachable, store_refused."""
        if isinstance(source, bytes):
            sha = hashlib.sha256(source).hexdigest()
        else:
            with source.open("rb") as file:
                sha = hashlib.file_digest(file, "sha256").hexdigest()

        def create() -> None:
            try:
                # Whole, not in parts: only then can the server be asked to refuse a second one.
                obstore.put(self._store, _key(sha), source, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return

        _asked(create)
        return sha

    def path(self, sha256: str) -> Path:
        """A copy on this machine, checked against its name; raises SohoaError object_missing, object_damaged."""
        try:
            return self._copies.path(sha256)
        except SohoaError:
            body = _asked(lambda: bytes(obstore.get(self._store, _key(sha256)).bytes()), sha256)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise SohoaError("object_damaged", sha256=sha256[:8])
        self._copies.put(body)
        self._fetched += len(body)
        if self._fetched > self._most // 4:
            self.trim()
        return self._copies.path(sha256)

    def remove(self, sha256: str) -> None:
        """Forget the object here and there; no error when it is not there."""
        self._copies.remove(sha256)
        try:
            _asked(lambda: obstore.delete(self._store, _key(sha256)), sha256)
        except SohoaError as error:
            if error.code != "object_missing":
                raise

    def size(self, sha256: str) -> int | None:
        """What the server says of its length."""
        try:
            return int(_asked(lambda: obstore.head(self._store, _key(sha256)), sha256)["size"])
        except SohoaError as error:
            if error.code != "object_missing":
                raise
            return None

    def list(self) -> Iterator[str]:
        """Every object, in no particular order."""
        for some in obstore.list(self._store, chunk_size=1000):
            for one in some:
                name = one["path"].replace("/", "")
                if len(name) == 64:
                    yield name

    def damaged(self) -> Iterator[str]:
        """Fetch every object anew and name those whose bytes have changed."""
        for sha256 in self.list():
            digest = hashlib.sha256()
            for block in _asked(lambda sha=sha256: obstore.get(self._store, _key(sha)), sha256).stream():  # type: ignore[misc]
                digest.update(block)
            if digest.hexdigest() != sha256:
                yield sha256

    def trim(self) -> None:
        """Forget the copies that were used longest ago until they fit; open files stay readable."""
        self._fetched = 0
        copies = sorted((file.stat().st_atime, file.stat().st_size, file) for file in self._folder.glob("??/*"))
        total = sum(size for _, size, _ in copies)
        for _, size, file in copies:
            if total <= self._most:
                return
            file.unlink(missing_ok=True)
            total -= size


class S3Places:
    """Uploads that were dropped by a signed address and not yet taken in, under `drops/` of the same bucket."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    def address(self, id: str, seconds: float) -> str:
        """A signed address for one PUT (AWS Signature Version 4), good for so long."""
        return str(obstore.sign(self._store, "PUT", f"drops/{id}", timedelta(seconds=seconds)))

    def fetch(self, id: str, target: Path) -> None:
        """Write what was dropped to `target`; raises SohoaError upload_missing."""
        try:
            found = _asked(lambda: obstore.get(self._store, f"drops/{id}"))
        except SohoaError as error:
            if error.code != "object_missing":
                raise
            raise SohoaError("upload_missing") from None
        with target.open("wb") as file:
            for block in found.stream():
                file.write(block)

    def remove(self, id: str) -> None:
        """Forget it; no error when it is not there."""
        with contextlib.suppress(SohoaError):
            _asked(lambda: obstore.delete(self._store, f"drops/{id}"))


def _key(sha256: str) -> str:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise ValueError("not a SHA-256")
    return f"{sha256[:2]}/{sha256[2:]}"


def _asked(what: Callable[[], T], sha256: str = "") -> T:
    """One request; what the server or the way to it did wrong becomes a code."""
    try:
        return what()
    except (NotFoundError, FileNotFoundError):
        raise SohoaError("object_missing", sha256=sha256[:8]) from None
    except (PermissionDeniedError, UnauthenticatedError):
        raise SohoaError("store_refused") from None
    except (BaseError, OSError, TimeoutError):
        # Its message may hold the address and more; the code says all that a person needs.
        time.sleep(0.1)
        raise SohoaError("store_unreachable") from None
