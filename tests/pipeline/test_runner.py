"""The bell of a runner: whoever rings it is heard, also by a thread that is just looking for work."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pipeline.finish import Finishing
from pipeline.runner import Duty, LocalRunner, Place
from sohoa.child import Child, Limits
from storage.database import open_sqlite
from storage.objects import FolderObjects
from storage.records import Claim, NewDocument, Records, Terms

Until = Callable[..., None]


class _Late(Records):
    """Work that arrives, with a ring, after a thread has looked and before it rests."""

    ring: Callable[[], None] | None = None

    def claim(self, owner: str, lease: float = 60.0, batch: str | None = None, queues: Sequence[str] | None = None) -> Claim | None:
        found = super().claim(owner, lease, batch, queues)
        if self.ring is not None:
            ring, self.ring = self.ring, None
            self.create_batch("out", "{}", [NewDocument("in/a.jpg", "a", "a" * 64)], Terms(queue="reading"))
            ring()
        return found


@pytest.mark.parametrize("rings", ["ring", "ticket"])
def test_a_ring_while_a_thread_looks_is_heard(tmp_path: Path, until: Until, rings: str) -> None:
    records = _Late(open_sqlite(tmp_path / "s.sqlite"))
    place = Place(records, FolderObjects(tmp_path / "objects"), tmp_path / "work")
    runner = LocalRunner(place, [Child()], Finishing(), Limits(), Duty(idle=600.0))
    records.ring = getattr(runner, rings)
    runner.start()
    try:
        until(lambda: runner.took_at is not None, 10)
    finally:
        runner.stop()
