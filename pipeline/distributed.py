"""A batch that workers on other machines work off: ring for them, wait, and bring home what is done.

The records and the object store are shared; this process sends the outbox's rings, and writes every finished document's
folder as soon as it is over. If it stops, the workers go on; the same call takes up the rest.
"""

import time
from collections.abc import Callable
from pathlib import Path

from pipeline.advance import MAY_PASS
from pipeline.handover import deliver
from pipeline.runner import Place
from pipeline.tasks import application, bell
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.outbox import Outbox
from storage.records import Progress

_EVERY = 0.5
_MOST_FAILURES = 20  # about eight minutes
_OVERLAP = 5.0  # transactions that began earlier may end later


def work_off(here: Place, batch: str, out: Path, settings: Settings, tick: Callable[[Progress], None]) -> None:
    """Return when every document of `batch` is over and lies in `out`."""
    outbox, ring = Outbox(here.records.engine), bell(application(settings.broker, settings.redeliver_seconds))
    home = Homecoming(here, batch, out)
    failures = 0
    while True:
        try:
            outbox.dispatch("ring", ring)
            now = here.records.progress(batch)
            home.bring()
            failures = 0
        except SohoaError as error:
            # The workers go on meanwhile; a server that is restarted costs this process nothing but a pause.
            failures += 1
            if error.code not in MAY_PASS or failures > _MOST_FAILURES:
                raise
            time.sleep(min(30.0, 2.0**failures))
            continue
        tick(now)
        if now.units_left == 0:
            return
        time.sleep(_EVERY)


class Homecoming:
    """Writes the folders of finished documents into `out`, each once in a run."""

    def __init__(self, here: Place, batch: str, out: Path) -> None:
        self._here, self._batch, self._out = here, batch, out
        self._since = 0.0
        self._home: dict[str, float] = {}

    def bring(self) -> None:
        """Write what was finished since the last call."""
        for over, document in self._here.records.over_since(self._batch, self._since - _OVERLAP):
            if self._home.get(document.id) == over:
                continue
            if document.files:
                deliver(self._here.objects, document.files, self._out / document.name)
            self._home[document.id] = over
            self._since = max(self._since, over)
        # Only what the next look may show again has to be remembered.
        self._home = {one: over for one, over in self._home.items() if over >= self._since - 2 * _OVERLAP}
