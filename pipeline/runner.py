"""The local runner: a few threads, each with one killable child, working through the records.

The threads only wait and write rows; all reading happens in their children, which keep their models between pages.
The same runner serves `sohoa run`, which waits for its batch, and `sohoa worker`, where messages only ring the bell.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pipeline.advance import Bench, advance
from pipeline.finish import Finishing
from pipeline.job import Job, decode
from sohoa.child import Child, Limits
from sohoa.errors import SohoaError
from storage.objects import Objects
from storage.records import Claim, Finished, Records

_PRELOAD = ("ocr.work",)
_MARGIN = 60.0  # a lease outlives its work by this many seconds, so that only a lost process is overdue


@dataclass(frozen=True)
class Place:
    """Where a runner works: records, objects, and a folder for what passes between stages."""

    records: Records
    objects: Objects
    work: Path


class LocalRunner:
    """`jobs` workers on this machine. `batch` restricts them to one batch; `settings` gives the job of any batch."""

    def __init__(self, place: Place, jobs: int, finishing: Finishing, limits: Limits, batch: str | None = None) -> None:
        self._place = place
        self._batch = batch
        self._limits = limits
        self._finishing = finishing
        self._stop = threading.Event()
        self._bell = threading.Condition()
        self._error: BaseException | None = None
        self._children = [Child(_PRELOAD, limits) for _ in range(jobs)]
        self._threads = [
            threading.Thread(target=self._work, args=(child,), name=f"sohoa-{n}", daemon=True) for n, child in enumerate(self._children)
        ]

    def start(self) -> None:
        """Start working; returns at once."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop at once: children are killed in mid-work and their units given back untouched."""
        self._stop.set()
        self.ring()
        while any(thread.is_alive() for thread in self._threads):
            # Again and again: a thread may have been about to start its child when we looked.
            for child in self._children:
                child.interrupt()
            for thread in self._threads:
                thread.join(0.1)
        for child in self._children:
            child.kill()

    def ring(self) -> None:
        """Say that there may be new work, or that something is over."""
        with self._bell:
            self._bell.notify_all()

    def wait(self, over: Callable[[], bool], tick: Callable[[], None], every: float = 0.25) -> None:
        """Return when `over()`; call `tick` meanwhile. Raises what broke a worker thread, if anything did."""
        while not over():
            if self._error:
                raise self._error
            tick()
            with self._bell:
                self._bell.wait(every)
        tick()

    def __enter__(self) -> "LocalRunner":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _work(self, child: Child) -> None:
        place = self._place
        owner = f"{threading.current_thread().name}-{uuid.uuid4().hex[:8]}"
        bench = Bench(place.objects, place.records, child, place.work, self._finishing)
        try:
            while not self._stop.is_set():
                claim = place.records.claim(owner, self._limits.seconds + _MARGIN, self._batch)
                if claim is None:
                    with self._bell:
                        self._bell.wait(0.2)
                    continue
                self._one(claim, bench)
                self.ring()
        except BaseException as error:  # noqa: BLE001 - a broken worker must end the run loudly, not silently leave it waiting
            self._error = error
            self.ring()

    def _one(self, claim: Claim, bench: Bench) -> None:
        try:
            job = _job(bench.records, claim.batch)
            outcome = advance(claim, job, bench)
        except SohoaError as error:
            if error.code != "worker_died":
                bench.records.release(claim)
                raise
            bench.records.release(claim, died=not self._stop.is_set())
            return
        delivered = isinstance(outcome, Finished) and outcome.status != "failed"
        if self._stop.is_set() and not delivered:
            # Whatever ended while children were being killed may be their death speaking, not the document's.
            bench.records.release(claim)
            return
        bench.records.finish(claim, outcome)


@lru_cache(maxsize=64)
def _job(records: Records, batch: str) -> Job:
    return decode(records.batch_settings(batch))
