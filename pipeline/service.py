"""What a worker does beside its work: shows that it lives, rings for others, and knows whether it still hears the broker.

A worker that lives but takes no work is the fault that nobody sees: its process runs, its queue grows. It is found in two
ways: a message to itself through the broker that does not come back, and work that waits while its hands are idle.
"""

import contextlib
import os
import signal
import socket
import threading
import time
from collections.abc import Callable

from celery import Celery
from kombu.exceptions import KombuError
from msgspec import Struct

from pipeline.runner import LocalRunner, Place
from pipeline.tasks import PULSE, bell, pulse_queue
from sohoa.errors import SohoaError
from storage.outbox import Outbox, OutMessage
from storage.workers import Workers

_EVERY = 1.0
_SIGN = 5.0  # seconds between signs of life
_DEAF = 90.0  # without a message for so long, though one was sent every 15 s, nothing reaches this worker
_ECHO = 15.0
_WAITED = 60.0  # work that waits longer than this beside idle hands


class Health(Struct, frozen=True):
    """Whether the worker should be left running; `code` says why not."""

    sound: bool
    code: str = ""


class Service:
    """The thread beside a worker's runner. `deliver` sends an event to a portal, where this worker does that."""

    def __init__(
        self, app: Celery, place: Place, runner: LocalRunner, broker: str, deliver: Callable[[OutMessage], None] | None = None
    ) -> None:
        self._app, self._place, self._runner, self._deliver = app, place, runner, deliver
        self._ring = bell(app)
        self._outbox = Outbox(place.records.engine)
        self._workers = Workers(place.records.engine)
        self._echo = pulse_queue(runner.id, broker)
        self._stop = threading.Event()
        self._heard = time.monotonic()
        self._told_took: float | None = None
        self._thread = threading.Thread(target=self._run, name="sohoa-service", daemon=True)

    def heard(self) -> None:
        """A message has reached this worker."""
        self._heard = time.monotonic()

    def health(self) -> Health:
        """Broken: a thread of it ended. Deaf: its own messages do not come back. Idle: work waits a minute beside free hands."""
        if self._runner.error:
            return Health(False, "worker_broken")
        if time.monotonic() - self._heard > _DEAF:
            return Health(False, "worker_deaf")
        if self._runner.busy < self._runner.jobs and (self._runner.took_at or 0) < time.monotonic() - _WAITED:
            mine = [load for load in self._place.records.loads() if load.queue in self._runner.duty.queues]
            if any(load.ready and load.oldest_seconds > _WAITED for load in mine):
                return Health(False, "worker_idle")
        return Health(True)

    def __enter__(self) -> "Service":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(10)
        with contextlib.suppress(SohoaError):
            self._workers.gone(self._runner.id)

    def _run(self) -> None:
        signed = echoed = -1e9
        pause = 0.0
        while not self._stop.wait(pause):
            pause = _EVERY
            if self._runner.error:
                os.kill(os.getpid(), signal.SIGTERM)  # end as told to; the command says why, and whoever tends it starts it anew
                return
            with contextlib.suppress(SohoaError):  # the database or the broker is away: the next round tries again
                if self._runner.duty.shared:
                    self._outbox.dispatch("ring", self._ring)
                if self._deliver and "delivery" in self._runner.duty.queues:
                    self._outbox.dispatch("event", self._deliver)
                if time.monotonic() - signed >= _SIGN:
                    signed = time.monotonic()
                    self._sign()
            if time.monotonic() - echoed >= _ECHO:
                echoed = time.monotonic()
                with contextlib.suppress(KombuError, OSError):
                    self._app.send_task(PULSE, queue=self._echo, ignore_result=True, retry=False, expires=60)

    def _sign(self) -> None:
        took = self._runner.took_at != self._told_took
        self._told_took = self._runner.took_at
        heard = time.monotonic() - self._heard < 2 * _ECHO
        duty = self._runner.duty
        self._workers.pulse(self._runner.id, socket.gethostname(), duty.queues, self._runner.jobs, self._runner.busy, took, heard)
