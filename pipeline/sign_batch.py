"""Signs many files with one key: one login, several files under way, exactly one signed file released for each.

A key at hand signs file after file, while other files are prepared, stamped, given evidence and verified by the worker
threads, so that the waiting for a time-stamping authority overlaps. A key whose owner approves a list (`signing.group`) gets
the digests of many files at once (`pipeline.sign_lists`). Every file passes our own verifier before it gets its name. What
was done stands in a journal: killed at any moment and started again with the same arguments, the batch goes on where it was,
and a file whose content changed meanwhile is not signed with what was asked for the old one.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import asdict, replace

from pipeline.sign_check import person_is_proven, whole_is_sound
from pipeline.sign_journal import Journal, Line
from signing.certificate import common_name
from signing.group import GroupKey
from signing.longterm import Fetch
from signing.model import Algorithm, Facts, KeyHolder, SignedFile, Trust
from signing.sign import Drafted, Manner, complete, discard, draft, ready, release
from sohoa.child import Child
from sohoa.disk import disk_told
from sohoa.errors import SohoaError, UsageError

# These concern the key and not one file: the rest of the batch would fail alike, or do harm.
_THE_KEY = frozenset(
    {
        "pin_wrong",
        "pin_locked",
        "pin_last_try",
        "token_missing",
        "token_failed",
        "key_holder_died",
        "key_cannot_sign",
        "remote_login_expired",
        "remote_key_disabled",
        "remote_otp_wrong",
        "remote_quota",
        "certificate_expired",
        "disk_full",
    }
)


class Item(Struct, frozen=True):
    """One file to sign, with the SHA-256 (hex) it had when the batch began."""

    source: Path
    out: Path
    sha256: str

    @property
    def key(self) -> str:
        """Names it in the journal: the same path, content and target."""
        return sha256(f"{self.source.resolve()}\0{self.sha256}\0{self.out.resolve()}".encode()).hexdigest()[:32]

    @property
    def part(self) -> Path:
        """Where its draft lies; a new try writes over an old one."""
        return self.out.with_name(f".{self.out.name}.{self.key[:12]}.part")


class Outcome(Struct, frozen=True):
    """What became of one file: `report` when it is signed, else `error`."""

    item: Item
    report: dict[str, Any] | None = None
    error: SohoaError | None = None


class Plan(Struct, frozen=True):
    """How a batch is signed. `facts` gives what a signature made now shows; `at_once` files are under way together.

    `trust_folder` is what the verifier trusts; `trust` and `fetch` are for the evidence, as in `signing.sign.sign_file`.
    """

    manner: Manner
    facts: Callable[[], Facts]
    trust: Trust = field(default_factory=Trust)
    fetch: Fetch | None = None
    trust_folder: str = ""
    at_once: int = 4


def items_of(pairs: Sequence[tuple[Path, Path]]) -> list[Item]:
    """The items of (source, out), reading every source once. Raises UsageError input_missing."""
    found = []
    for source, out in pairs:
        try:
            found.append(Item(source, out, _digest(source)))
        except OSError:
            raise UsageError("input_missing", path=str(source)) from None
    return found


class Batch:
    """One run over some items. `tick` hears how many are over."""

    def __init__(
        self, identity: KeyHolder, plan: Plan, children: Child, journal: Journal, tick: Callable[[int], None] = lambda _: None
    ) -> None:
        self.identity = identity
        self.journal = journal
        self._plan = plan
        self._manner = plan.manner
        self._children = children
        self._tick = tick
        self._ended = ""
        self._over = 0
        self._lock = threading.Lock()
        self._changed: frozenset[str] = frozenset()

    def run(self, items: Sequence[Item]) -> Iterator[Outcome]:
        """Sign every item; outcomes come in the order of `items`.

        Raises what concerns no file: UsageError of the command, and a certificate that may not sign.
        """
        plan = self._plan
        self._manner = ready(self.identity, self._manner, plan.facts().signed_at, self._children, plan.trust, plan.fetch)
        self._forget_changed(items)
        with ThreadPoolExecutor(plan.at_once, "sohoa-sign") as workers:
            try:
                if isinstance(self.identity, GroupKey):
                    from pipeline.sign_lists import by_lists

                    yield from by_lists(self, self.identity, items, workers)
                else:
                    yield from workers.map(self._whole_way, items)
            except BaseException:
                self.end("signing_stopped")
                workers.shutdown(cancel_futures=True)
                raise

    @property
    def algorithm(self) -> Algorithm:
        """What is signed with."""
        return self._manner.algorithm

    def end(self, code: str) -> None:
        """Begin nothing more."""
        self._ended = self._ended or code

    def told(self, item: Item, do: Callable[[], dict[str, Any] | None]) -> Outcome | None:
        """The outcome of `do`, None when it says that the item is not over yet."""
        try:
            with disk_told(item.out):
                report = do()
            if report is None:
                return None
            outcome = Outcome(item, report)
        except UsageError:
            raise
        except SohoaError as error:
            if error.code in _THE_KEY:
                self.end(error.code)
            outcome = Outcome(item, error=error)
        self.over(1)
        return outcome

    def over(self, count: int) -> None:
        """`count` more items are over."""
        with self._lock:
            self._over += count
            self._tick(self._over)

    def resumed(self, item: Item) -> dict[str, Any] | None:
        """The report of a file that was finished before the process died; None when it has to be made.

        Raises SohoaError document_changed for a file that is no longer the one that was asked for.
        """
        if item.key in self._changed:
            raise SohoaError("document_changed")
        line = self.journal.lines.get(item.key)
        if line is None or line.state not in ("whole", "released"):
            return None
        if item.out.is_file() and _digest(item.out) == line.sha256:
            return dict(line.report)
        if item.part.is_file() and _digest(item.part) == line.sha256:
            item.part.replace(item.out)
            self.journal.add(Line(item.key, "released"))
            return dict(line.report)
        return None

    def drafted(self, item: Item) -> Drafted:
        """A draft of the item, not yet in the journal."""
        if self._ended:
            raise SohoaError(self._ended)
        item.out.parent.mkdir(parents=True, exist_ok=True)
        if self._manner.profile.after_person:
            person_is_proven(item.source, common_name(self.identity.certificate), self._children, self._plan.trust_folder)
        made = draft(item.source, item.out, self.identity, self._manner, self._plan.facts(), self._children, item.part)
        if _digest(item.source) != item.sha256:
            discard(made.part)
            raise SohoaError("document_changed")
        return made

    def finished(self, item: Item, drafted: Drafted, signature: bytes) -> dict[str, Any]:
        """Put the signature in, verify, journal and release; the report."""
        if item.source != item.out and _digest(item.source) != item.sha256:
            raise SohoaError("document_changed")
        verdict: dict[str, Any] = {}

        def check(part: Path, field: str) -> None:
            verdict.update(whole_is_sound(part, field, self._children, self._plan.trust_folder))

        manner = replace(self._manner, check=check)
        signed = complete(drafted, signature, self.identity, manner, self._children)
        report = {**_shown(signed), **verdict}
        self.journal.add(Line(item.key, "whole", str(item.out.resolve()), sha256=signed.sha256, report=report))
        release(signed, drafted)
        self.journal.add(Line(item.key, "released"), flush=False)
        return report

    def _whole_way(self, item: Item) -> Outcome:
        outcome = self.told(item, lambda: self.resumed(item) or self._signed(item))
        return outcome or Outcome(item, error=SohoaError("signing_stopped"))

    def _signed(self, item: Item) -> dict[str, Any]:
        drafted = self.drafted(item)
        try:
            signature = self.identity.sign(drafted.prepared.attributes, drafted.mechanism, self._manner.algorithm.digest)
            return self.finished(item, drafted, signature)
        except BaseException:
            discard(drafted.part)
            raise

    def _forget_changed(self, items: Sequence[Item]) -> None:
        """Lines of the same target for other content: what was signed in its own place is done, what waits for approval is void."""
        targets = {str(item.out.resolve()): item for item in items}
        changed = set()
        for key, line in list(self.journal.lines.items()):
            item = targets.get(line.target)
            if item is None or item.key == key:
                continue
            if line.state in ("whole", "released") and line.sha256 == item.sha256 and item.source == item.out:
                self.journal.add(Line(item.key, "released", line.target, sha256=line.sha256, report=line.report))
                continue
            if line.state in ("drafted", "signed"):
                changed.add(item.key)
            discard(item.out.with_name(f".{item.out.name}.{key[:12]}.part"))
            self.journal.add(Line(key, "dropped"))
        self._changed = frozenset(changed)


def _shown(signed: SignedFile) -> dict[str, Any]:
    """A signed file as the report has it."""
    at = signed.signed_at.isoformat() if signed.signed_at else None
    return {**asdict(signed), "path": str(signed.path), "signed_at": at}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
