"""How a request is told from another, and answered once: idempotency keys as in the IETF's draft of that header."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct
from starlette.responses import JSONResponse, Response

from sohoa.errors import SohoaError
from storage.requests import Answer, Requests


class Asked(Struct, frozen=True):
    """What an office asked: the key it gave, if any, and the hash of everything that matters."""

    office: str
    key: str | None
    digest: str


class FromElsewhere(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The JSON body that names a file: `upload` is the id of POST /v1/uploads, `url` an address on an allowed server."""

    upload: str = ""
    url: str = ""
    name: str = ""

    @staticmethod
    def read(body: bytes) -> "FromElsewhere":
        """Raises SohoaError request_invalid."""
        try:
            found = msgspec.json.decode(body, type=FromElsewhere)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise SohoaError("request_invalid", where="body") from None
        if bool(found.upload) == bool(found.url):
            raise SohoaError("request_invalid", where="upload, url")
        return found


def signature_of(asked: Sequence[Any]) -> str:
    """The hash by which two requests are the same."""
    return sha256(msgspec.json.encode(asked)).hexdigest()


def once(requests: Requests, keep_days: int, asked: Asked, act: Callable[[], tuple[int, Any]]) -> Response:
    """Do what was asked; under a key that was used for it, give the first answer again.

    A refusal is not remembered, so that the same key may be tried again. Raises SohoaError idempotency_key_invalid,
    idempotency_key_reused.
    """
    if asked.key is None:
        status, body = act()
        return JSONResponse(body, status)
    if not 1 <= len(asked.key) <= 255 or not asked.key.isascii():
        raise SohoaError("idempotency_key_invalid")
    known = requests.begin(asked.office, asked.key, asked.digest, keep_days)
    if known is not None:
        return JSONResponse(known.body, known.status, {"idempotency-replayed": "true"})
    status, body = act()
    requests.end(asked.office, asked.key, Answer(status, body))
    return JSONResponse(body, status)


_BYTES = {"schema": {"type": "string", "format": "binary"}}
JSON_OR_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}}}
            },
            "application/pdf": _BYTES,
            "image/*": _BYTES,
            "application/zip": _BYTES,
            "application/octet-stream": _BYTES,
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"upload": {"type": "string"}, "url": {"type": "string", "format": "uri"}, "name": {"type": "string"}},
                }
            },
        },
    }
}
