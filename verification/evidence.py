"""What a file brings along for the long term: certificates, CRLs and OCSP answers (EN 319 142-1, 5.4: DSS and VRI)."""

import contextlib

import pikepdf
from msgspec import Struct

from verification.cms import Message
from verification.view import View

_MOST = 2000
_LARGEST = 20 << 20
_UNREADABLE = _LARGEST // 2  # one that cannot be unpacked has cost time, too


class Evidence(Struct, frozen=True):
    """DER bytes, each once. `has_dss` when the document has a document security store."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    has_dss: bool = False


def evidence_of(view: View, messages: list[Message]) -> Evidence:
    """All evidence of the DSS of one revision and of the given messages."""
    certificates = dict.fromkeys(c for m in messages for c in m.certificates)
    crls = dict.fromkeys(c for m in messages for c in m.crls)
    ocsps = dict.fromkeys(o for m in messages for o in m.ocsps)
    store = None
    if view.problem is None:
        with contextlib.suppress(Exception):
            store = view.root.get("/DSS")
            if isinstance(store, pikepdf.Dictionary):
                certificates.update(dict.fromkeys(_streams(store, "/Certs")))
                crls.update(dict.fromkeys(_streams(store, "/CRLs")))
                ocsps.update(dict.fromkeys(_streams(store, "/OCSPs")))
    return Evidence(tuple(certificates), tuple(crls), tuple(ocsps), store is not None)


def _streams(store: pikepdf.Dictionary, key: str) -> list[bytes]:
    """The streams listed under `key`; entries of VRI dictionaries are references to the same ones (5.4.2.3)."""
    found: list[bytes] = []
    total = 0
    for stream in list(store.get(key, []))[:_MOST]:
        content = _content(stream)
        total += _UNREADABLE if content is None else len(content)
        if total > _LARGEST:
            break
        if content is not None:
            found.append(content)
    return found


def _content(stream: object) -> bytes | None:
    try:
        return stream.read_bytes() if isinstance(stream, pikepdf.Stream) else None
    except (pikepdf.PdfError, ValueError, TypeError):
        return None
