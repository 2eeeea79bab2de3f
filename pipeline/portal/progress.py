"""How far things are, as server-sent events (HTML Living Standard, section 9.2), taken up again by Last-Event-ID.

The stream tells what the records say and keeps nothing: the id of a page's event says which pages were told, the id of a
document's event when it was over. So any server can go on where another one stopped.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool

from pipeline.portal.counter import document_view
from storage.records import Records

_EVERY = 0.5
_BEAT = 15.0
_OVERLAP = 5.0  # transactions that began earlier may end later


async def document_events(records: Records, document: str, last_id: str) -> AsyncIterator[str]:
    """A `page` event for every page that is over, then one `document` event, then the end."""
    told = _pages_in(last_id)

    def look() -> tuple[list[str], bool]:
        found = records.document(document)
        states = records.page_states(document)
        events = []
        over = {page for page, state, _ in states if state == "done"}
        for page, state, code in states:
            if (page in over) != (page in told):
                told.symmetric_difference_update({page})
                said = {"page": page, "of": found.pages, "state": state, "error_code": code if state == "done" else None}
                events.append(_event("page", said, _bits(told)))
        if found.status == "waiting":
            return events, False
        return [*events, _event("document", document_view(found), f"over.{_bits(told)}")], True

    if last_id.startswith("over.") and (await run_in_threadpool(records.document, document)).status != "waiting":
        return
    async for part in _watch(look):
        yield part


async def batch_events(records: Records, batch: str, last_id: str) -> AsyncIterator[str]:
    """A `document` event for every document that is over, a `progress` event when counts change; the end when all is over."""
    since, _, known = last_id.partition("-")
    told: dict[str, float] = {}
    start = _number(since)
    shown: list[Any] = [None]
    resumed = start > 0

    def look() -> tuple[list[str], bool]:
        nonlocal start, resumed
        events = []
        now = records.progress(batch)
        for over, found in records.over_since(batch, start - _OVERLAP):
            seen = resumed and (over < start or (over == start and found.id == known))
            if told.get(found.id) != over and not seen:
                events.append(_event("document", document_view(found), f"{over!r}-{found.id}"))
            told[found.id] = over
        if told:
            start = max(start, *told.values())
        counts = {
            "documents": now.documents,
            "documents_over": now.documents_over,
            "pages": now.pages_total,
            "pages_over": now.pages_over,
        }
        if counts != shown[0]:
            shown[0] = counts
            events.append(_event("progress", counts))
        resumed = False
        return events, now.documents > 0 and now.documents_over == now.documents

    async for part in _watch(look):
        yield part


async def _watch(look: Callable[[], tuple[list[str], bool]]) -> AsyncIterator[str]:
    silent = 0.0
    yield "retry: 2000\n\n"
    while True:
        events, over = await run_in_threadpool(look)
        for event in events:
            yield event
        if over:
            yield _event("end", {})
            return
        silent = 0.0 if events else silent + _EVERY
        if silent >= _BEAT:
            silent = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(_EVERY)


def _event(kind: str, data: dict[str, Any], id: str = "") -> str:
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _bits(pages: set[int]) -> str:
    number = sum(1 << page for page in pages)
    return base64.urlsafe_b64encode(number.to_bytes((number.bit_length() + 7) // 8, "little")).decode().rstrip("=")


def _pages_in(id: str) -> set[int]:
    bare = id.removeprefix("over.")
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4)), "little")
    except ValueError:
        return set()
    return {page for page in range(min(number.bit_length(), 1 << 20)) if number >> page & 1}


def _number(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        return 0.0
