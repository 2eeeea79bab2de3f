"""`sohoa purge`: what has been kept as long as it may be goes, with everything that was made of it.

How long is a setting, by what became of a document (Luật 91/2025/QH15 Điều 3: no longer than its purpose needs; Luật Lưu trữ
33/2024/QH15 Điều 15 sets what must be kept by whom). Rows, texts, page pictures and objects go; the audit trail keeps that the
document was there, its hash, and who removed it, as proof of deletion.
"""

import shutil
import time
from collections.abc import Iterator

from msgspec import Struct

from pipeline.runner import Place
from sohoa.settings import RetentionSettings
from storage.records import Document, DocumentStatus

_DAY = 86400.0
_STATUSES: tuple[DocumentStatus, ...] = ("done", "review", "partial", "failed")


class Purged(Struct, frozen=True):
    """What went, or would go."""

    documents: int
    objects: int
    bytes: int


def due(here: Place, retention: RetentionSettings, now: float | None = None) -> Iterator[Document]:
    """The documents whose time is over; a status without a number of days keeps its documents."""
    moment = time.time() if now is None else now
    for status in _STATUSES:
        days = getattr(retention, status)
        if days is not None:
            yield from here.records.over_before(moment - days * _DAY, status, limit=1_000_000)


def purge(here: Place, documents: list[Document], actor: str, dry_run: bool = True) -> Purged:
    """Remove `documents`, or with `dry_run` only count what would go."""
    mine: set[str] = set()
    for document in documents:
        mine |= {document.sha256, *document.files.values(), *here.records.stage_files(document.id, "page", "finish").values()} - {""}
    if dry_run:
        return _count(here, len(documents), mine)
    for document in documents:
        here.records.drop_document(document.id, actor)
        shutil.rmtree(here.work / document.id, ignore_errors=True)
    alone = mine - here.records.objects_in_use()
    purged = _count(here, len(documents), alone)
    for sha in alone:
        here.objects.remove(sha)
    here.records.drop_empty_batches()
    here.records.compact()
    return purged


def _count(here: Place, documents: int, objects: set[str]) -> Purged:
    sizes = [size for sha in objects if (size := here.objects.size(sha)) is not None]
    return Purged(documents, len(sizes), sum(sizes))
