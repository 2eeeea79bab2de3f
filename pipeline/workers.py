"""The processes that will read, started before this one has loaded what it needs itself.

A worker takes longer to load its libraries than a short batch takes to read; on two cores both load side by side.
This module must stay light: it is imported before anything else of the pipeline.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sohoa.child import Child, Limits

PRELOAD = ("ocr.warm:load",)
_ONE_PAGE = frozenset((".jpg", ".jpeg", ".png", ".webp"))


@contextmanager
def started(inputs: Sequence[Path], jobs: int, limits: Limits) -> Iterator[list[Child]]:
    """`jobs` workers that are loading already, ended on the way out; of those that would have no work none is started."""
    workers = [Child(PRELOAD, limits) for _ in range(jobs)]
    busy = 1 if len(inputs) == 1 and inputs[0].suffix.lower() in _ONE_PAGE else jobs
    try:
        for worker in workers[:busy]:
            worker.warm()
        yield workers
    finally:
        for worker in workers:
            worker.kill()
