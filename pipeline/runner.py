"""The local runner: a few threads, each with one killable child, working through the records.

The threads only wait and write rows; all reading happens in their children, which keep their models between pages.
The same runner serves `sohoa run`, which waits for its batch, and `sohoa worker`, where messages only ring the bell.
"""

import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from pipeline.advance import MAY_PASS, Bench, advance, clear, pause_after
from pipeline.finish import Finishing
from pipeline.job import Job, decode
from pipeline.signature import is_signing
from pipeline.workers import PRELOAD
from sohoa.child import Child, Limits
from sohoa.errors import SohoaError
from storage.objects import Objects
from storage.records import Claim, Finished, Outcome, PageRead, Progress, Records

_STRANGE = 10.0  # seconds that a round of the watch never takes by itself
_LOOK = 1.0  # how soon a cancelled or lost unit's process is ended


class Place(Struct, frozen=True):
    """Where a runner works: records, objects, and a folder for what passes between stages."""

    records: Records
    objects: Objects
    work: Path


class Duty(Struct, frozen=True):
    """What a runner takes: one batch, or what waits in `queues`, the first first.

    `idle` is how often, in seconds, an idle thread looks without being rung for. A `lease` is so many seconds long and renewed
    while the work goes on, so that only a lost process is overdue. `shared`: other machines work on the same
    records, so that results go through the object store and a database that is away is waited for.
    """

    batch: str | None = None
    queues: tuple[str, ...] = ("reading",)
    idle: float = 0.2
    lease: float = 60.0
    shared: bool = False
    index: bool = False

    @property
    def preload(self) -> tuple[str, ...]:
        """What its children load at their start: a process that only signs need not be able to read."""
        return () if self.batch is None and all(is_signing(queue) for queue in self.queues) else PRELOAD


class LocalRunner:
    """`jobs` workers on this machine, or those of `pipeline.workers`. `duty` is a batch's id, or says which work is theirs."""

    def __init__(
        self, place: Place, jobs: int | Sequence[Child], finishing: Finishing, limits: Limits, duty: Duty | str | None = None
    ) -> None:
        self.id = f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"
        self.duty = duty if isinstance(duty, Duty) else Duty(duty)
        self.took_at: float | None = None  # by the monotonic clock
        self._place = place
        self._limits = limits
        self._finishing = finishing
        self._stop = threading.Event()
        self._bell = threading.Condition()
        self._rung = 0  # how often: a bell that rang while a thread looked for work is not waited for again
        self._news = threading.Condition()  # for whoever waits; the bell is for those who work
        self._resting: set[str] = set()  # the threads that found nothing to do when they looked last
        self.error: BaseException | None = None  # what ended a thread: the runner is not whole any more
        self._held: dict[int, tuple[Claim, Child]] = {}
        self._lost: set[tuple[int, int]] = set()
        self._tickets: deque[threading.Event] = deque()
        self._own = isinstance(jobs, int)
        self._children = [Child(self.duty.preload, limits) for _ in range(jobs)] if isinstance(jobs, int) else list(jobs)
        self._threads = [
            threading.Thread(target=self._work, args=(child,), name=f"sohoa-{n}", daemon=True) for n, child in enumerate(self._children)
        ]
        self._threads.append(threading.Thread(target=self._watch, name="sohoa-watch", daemon=True))

    @property
    def busy(self) -> int:
        """How many units are in work."""
        return len(self._held)

    @property
    def jobs(self) -> int:
        """How many units can be in work at once."""
        return len(self._children)

    def start(self) -> None:
        """Start working; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop at once: children are killed in mid-work and their units given back untouched.

        Children that were handed in are left to whom they belong, save those in mid-work.
        """
        self._stop.set()
        self.ring()
        while any(thread.is_alive() for thread in self._threads):
            # Again and again: a thread may have been about to start its child when we looked.
            for _, child in list(self._held.values()):
                child.interrupt()
            for thread in self._threads:
                thread.join(0.1)
        for child in self._children if self._own else ():
            child.kill()
        self._punch(len(self._tickets))

    def ring(self) -> None:
        """Say that there may be new work, or that something is over."""
        self._ring()
        self._tell()

    def ticket(self) -> threading.Event:
        """Ring, and get an event that is set when one more unit is over, or when there is nothing to do."""
        with self._bell:
            ticket = threading.Event()
            self._tickets.append(ticket)
        self._ring()
        if self._stop.is_set():
            ticket.set()
        return ticket

    def wait(self, over: Callable[[], bool], tick: Callable[[], None], every: float = 0.25, most: float = 1e9) -> bool:
        """Return True when `over()`, False after `most` seconds; call `tick` meanwhile.

        Raises what broke a worker thread, if anything did.
        """
        until = time.monotonic() + most
        while not over():
            if self.error:
                raise self.error
            if time.monotonic() > until:
                return False
            tick()
            with self._news:
                self._news.wait(every)
        tick()
        return True

    def work_off(self, batch: str, tick: Callable[[Progress], None]) -> None:
        """Return when nothing of `batch` is left to do; `tick` hears the progress. Raises as `wait`."""
        now = _Watched(self._place.records, batch)
        self.wait(lambda: now(len(self._resting) == len(self._children)).units_left == 0, lambda: tick(now()))

    def __enter__(self) -> "LocalRunner":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self, child: Child) -> None:
        place = self._place
        owner = f"{self.id}/{threading.current_thread().name}"
        bench = Bench(place.objects, place.records, child, place.work, self._finishing, self.duty.shared, self.duty.index)
        while not self._stop.is_set():
            heard = self._rung
            try:
                claim = place.records.claim(owner, self.duty.lease, self.duty.batch, self.duty.queues)
                if claim is None:
                    self._punch(len(self._tickets))
                    if owner not in self._resting:
                        self._resting.add(owner)
                        self._tell()
                    with self._bell:
                        if self._rung == heard and not self._stop.is_set():
                            self._bell.wait(self.duty.idle)
                    continue
                self._resting.discard(owner)
                self._one(claim, bench)
                self._punch(1)
                self.ring()
            except BaseException as error:  # noqa: BLE001 - a broken worker must end the run loudly, not silently leave it waiting
                if self.duty.shared and isinstance(error, SohoaError) and error.code in MAY_PASS:
                    self._stop.wait(2)  # what it held is taken up again when its lease is overdue
                    continue
                self.error = error
                self.ring()
                self._punch(len(self._tickets))
                return

    def _one(self, claim: Claim, bench: Bench) -> None:
        self.took_at = time.monotonic()
        self._held[claim.unit] = (claim, bench.child)
        failed: SohoaError | None = None
        try:
            outcome = advance(claim, _job(bench.records, claim.batch), bench)
        except SohoaError as error:
            failed = error
        finally:
            self._held.pop(claim.unit, None)  # before anything is recorded, or the watch would take it for lost
        if self._is_lost(claim):
            return
        if failed is None and (not self._stop.is_set() or _went_well(outcome)):
            if bench.records.finish(claim, outcome):
                clear(claim, outcome, bench)
        elif failed is None or self._stop.is_set():
            # Whatever failed while children were being killed may be their death speaking, not the document's.
            bench.records.release(claim)
        elif failed.code == "worker_died":
            bench.records.release(claim, died=True, cause=failed.code)
        elif failed.code in MAY_PASS:
            bench.records.release(claim, pause=pause_after(claim), cause=failed.code)
        else:
            bench.records.release(claim)
            raise failed

    def _watch(self) -> None:
        """Keep the leases of what is in work, end what was cancelled, and free what others left behind."""
        renewed, wall, steady = 0.0, time.time(), time.monotonic()
        while not self._stop.wait(_LOOK):
            held = dict(self._held)
            claims = [claim for claim, _ in held.values()]
            records, lease = self._place.records, self.duty.lease
            began = time.monotonic()
            passed, gone_by = time.time() - wall, began - steady
            try:
                # The clock was set, or the database was away: leases ran out though nobody died.
                strange = abs(passed - gone_by) > max(_STRANGE, lease / 4) or gone_by > max(_STRANGE, lease / 4)
                if strange:
                    records.forgive(lease)
                for unit in records.lost(claims):
                    claim, child = held[unit]
                    if unit in self._held:
                        self._lost.add((unit, claim.attempt))
                        child.interrupt()
                if strange or time.monotonic() - renewed > lease / 3:
                    renewed = time.monotonic()
                    records.renew(claims, lease)
                if records.sweep(self.duty.batch, began):
                    self.ring()
                # Taken at the round's beginning: a database that was away meanwhile is seen by the next round.
                wall, steady = wall + passed, began
            except SohoaError:
                continue  # the threads that work will say so if it matters

    def _is_lost(self, claim: Claim) -> bool:
        key = (claim.unit, claim.attempt)
        lost = key in self._lost
        self._lost.discard(key)
        return lost

    def _ring(self) -> None:
        with self._bell:
            self._rung += 1
            self._bell.notify_all()

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()

    def _punch(self, count: int) -> None:
        for _ in range(count):
            try:
                self._tickets.popleft().set()
            except IndexError:
                return


class _Watched:
    """A batch's progress, counted anew only so often that counting takes a fiftieth of the time, however large the batch, and the
    more seldom the longer it lasts, at most twice a second; at once when nobody finds work in it any more."""

    def __init__(self, records: Records, batch: str) -> None:
        self._records, self._batch = records, batch
        self._seen: Progress | None = None
        self._due = 0.0
        self._began = time.monotonic()

    def __call__(self, at_once: bool = False) -> Progress:
        """How far the batch is, or was a moment ago."""
        started = time.monotonic()
        if self._seen is None or at_once or started >= self._due:
            self._seen = self._records.progress(self._batch)
            ended = time.monotonic()
            self._due = ended + max(50 * (ended - started), min(0.5, (ended - self._began) / 100))
        return self._seen


def _went_well(outcome: Outcome) -> bool:
    if isinstance(outcome, PageRead):
        return outcome.failed is None
    return not isinstance(outcome, Finished) or outcome.error_code is None


@lru_cache(maxsize=64)
def _job(records: Records, batch: str) -> Job:
    return decode(records.batch_settings(batch))
