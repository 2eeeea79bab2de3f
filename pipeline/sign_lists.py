"""The part of `pipeline.sign_batch` for keys whose owner approves a list: prepare all, ask once, finish as signatures come.

A list that was asked for and is not decided yet is found again after a restart, with the same members in the same places:
the person is not asked twice.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any

from pipeline.sign_batch import Batch, Item, Outcome
from pipeline.sign_journal import Line
from signing.certificate import mechanism_for
from signing.group import GroupKey, request_id
from signing.model import Order
from signing.sign import Drafted, discard
from sohoa.errors import SohoaError, UsageError

# The owner of the key, or the service, has decided: the same list is not taken up again, a new run asks anew.
_DECIDED = frozenset({"remote_rejected", "remote_expired", "agent_refused", "signature_wrong", "remote_key_disabled", "remote_quota"})


def by_lists(batch: Batch, key: GroupKey, items: Sequence[Item], workers: ThreadPoolExecutor) -> Iterator[Outcome]:
    """The outcomes in the order of `items`."""
    outcomes: dict[str, Outcome | Future[Outcome]] = {}
    drafts: dict[str, Drafted] = {}

    def prepare(item: Item) -> None:
        def made() -> dict[str, Any] | None:
            report = batch.resumed(item)
            if report is None:
                drafts[item.key] = _draft(batch, item)
            return report

        outcome = batch.told(item, made)
        if outcome is not None:
            outcomes[item.key] = outcome

    list(workers.map(prepare, {item.key: item for item in items}.values()))
    members = {item.key: item for item in items if item.key in drafts}
    given = 0
    for group in _lists(batch, members, key.largest):
        _ask(batch, key, group, members, drafts, outcomes, workers)
        # Give out what is over already, so that a long batch shows where it stands.
        while given < len(items) and items[given].key in outcomes:
            yield _settled(outcomes[items[given].key])
            given += 1
    for item in items[given:]:
        yield _settled(outcomes[item.key])


def _settled(outcome: "Outcome | Future[Outcome]") -> Outcome:
    return outcome.result() if isinstance(outcome, Future) else outcome


def _draft(batch: Batch, item: Item) -> Drafted:
    """The draft that waits for its signature since before, or a new one."""
    line = batch.journal.lines.get(item.key)
    if line is not None and line.prepared is not None and line.state in ("drafted", "signed") and item.part.is_file():
        mechanism = mechanism_for(batch.identity.certificate, batch.algorithm.padding)
        return Drafted(item.out, item.part, line.prepared, mechanism, datetime.fromisoformat(line.at))
    drafted = batch.drafted(item)
    batch.journal.add(Line(item.key, "drafted", str(item.out.resolve()), drafted.prepared, drafted.signed_at.isoformat()))
    return drafted


def _lists(batch: Batch, members: dict[str, Item], largest: int) -> Iterator[list[str]]:
    """The keys of each list: first those asked for in an earlier run, whole and in their places, then new ones."""
    lines = batch.journal.lines
    asked = {line.group for name in members if (line := lines[name]).group and batch.journal.recall(line.group)}
    old: set[str] = set()
    for group in sorted(asked):
        places = sorted((line.place, name) for name, line in lines.items() if line.group == group)
        old.update(name for _, name in places)
        yield [name for _, name in places]
    fresh = [name for name in members if name not in old]
    for start in range(0, len(fresh), largest):
        yield fresh[start : start + largest]


def _ask(
    batch: Batch,
    key: GroupKey,
    group: list[str],
    members: dict[str, Item],
    drafts: dict[str, Drafted],
    outcomes: "dict[str, Outcome | Future[Outcome]]",
    workers: ThreadPoolExecutor,
) -> None:
    """Ask for one list and set its files to be finished; whoever gets no signature gets the reason."""
    lines, journal = batch.journal.lines, batch.journal

    def start(name: str, signature: bytes) -> None:
        item = members[name]

        def finish() -> Outcome:
            outcome = batch.told(item, lambda: _finished(batch, item, drafts[name], signature))
            return outcome or Outcome(item, error=SohoaError("signing_stopped"))

        outcomes[name] = workers.submit(finish)

    for name in group:
        if name in members and lines[name].state == "signed":
            start(name, lines[name].signature)
    missing = [name for name in group if name in members and name not in outcomes]
    if not missing:
        return
    orders = [_order(batch, members.get(name), lines[name]) for name in group]
    request = request_id(orders)
    if not journal.recall(request):
        # A key without transactions may be asked for what is still missing, one with them is only asked for whole lists.
        group, orders = missing, [_order(batch, members[name], lines[name]) for name in missing]
        request = request_id(orders)
        for place, name in enumerate(group):
            journal.add(Line(name, "drafted", group=request, place=place), flush=place == len(group) - 1)
    try:
        for place, signature in key.sign_group(orders, journal):
            name = group[place]
            if name in members and name not in outcomes:
                journal.add(Line(name, "signed", signature=signature))
                start(name, signature)
    except UsageError:
        raise
    except SohoaError as error:
        for name in group:
            if name in members and name not in outcomes:
                outcomes[name] = Outcome(members[name], error=error)
                batch.over(1)
            if error.code in _DECIDED and lines.get(name, Line()).state == "drafted":
                journal.add(Line(name, "dropped"))
                if name in members:
                    discard(members[name].part)


def _order(batch: Batch, item: Item | None, line: Line) -> Order:
    prepared = line.prepared
    if prepared is None:
        raise SohoaError("document_changed")
    mechanism = mechanism_for(batch.identity.certificate, batch.algorithm.padding)
    name, whole = (item.source.name, item.sha256) if item else ("", "")
    return Order(prepared.attributes, mechanism, batch.algorithm.digest, name, prepared.pages, whole, prepared.document_digest)


def _finished(batch: Batch, item: Item, drafted: Drafted, signature: bytes) -> dict[str, Any]:
    """A file that its signature does not fit is given up; one whose timestamp failed keeps its signature for the next run."""
    try:
        return batch.finished(item, drafted, signature)
    except SohoaError as error:
        if error.code in ("document_changed", "signature_wrong", "earlier_signature_broken", "output_not_sound", "signature_too_large"):
            discard(drafted.part)
            batch.journal.add(Line(item.key, "dropped"))
        raise
