"""The door for portals in Python, and the bell between machines: Celery tasks by name, with plain JSON in and out.

A portal calls `app.send_task("sohoa.digitise", kwargs={"path": ..., "out": ...})` and imports nothing of ours. A
message is only a doorbell (design rule 4): the document is recorded before work begins, the work is done by the same
runner as `sohoa run`, and a message that comes twice finds the first one's result.

| task | queue | what it does |
|---|---|---|
| `sohoa.digitise` | `sohoa.reading` | records one upload, and holds its message until the result is there |
| `sohoa.extract`, `verify`, `sign`, `certify` | | see pipeline/portal/tasks.py |
| `sohoa.advance` | `sohoa.reading`, `sohoa.signing.NAME`, `sohoa.delivery` | rings: holds its message while one unit of work is done |
| `sohoa.pulse` | `sohoa.pulse.WORKER` | a worker's message to itself: it still hears the broker |
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import KombuError

from ocr.codes import check_patterns
from pipeline.batch import row
from pipeline.handover import deliver
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.runner import LocalRunner, Place
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.outbox import OutMessage
from storage.records import INTERACTIVE, Document, Terms

DIGITISE, ADVANCE, PULSE = "sohoa.digitise", "sohoa.advance", "sohoa.pulse"
_MOST_RINGS = 200  # at once: workers go on by themselves while there is work, and look now and then without being rung for


def _ringing_again(redeliver_seconds: int) -> dict[str, int]:
    """When Redis gives messages out again. Left to itself Kombu looks for them every hundred seconds, and not for five minutes after a
    worker died looking."""
    often = max(1, min(10, redeliver_seconds // 2))
    return {
        "visibility_timeout": redeliver_seconds,
        "unacked_restore_interval": often,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 20,
    }


def application(broker: str, redeliver_seconds: int, queues: Sequence[str] = ("reading",)) -> Celery:
    """A Celery application with settings that lose no message when a worker dies.

    On RabbitMQ the queues are quorum queues. Redis gives a message out again when it was not answered for
    `redeliver_seconds`. A long document is then rung for twice, which is harmless: the second message finds the same
    document and waits with the first.
    """
    amqp = broker.startswith(("amqp", "pyamqp"))
    app = Celery("sohoa", broker=broker, backend="rpc://" if amqp else broker)
    app.conf.update(
        task_queues=[_queue(name, amqp) for name in queues],
        task_default_queue="sohoa.reading",
        task_default_queue_type="quorum" if amqp else "classic",
        task_default_exchange_type="direct",  # what a portal that names only the queue declares as well
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_track_started=not amqp,
        result_expires=86400,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_heartbeat=10,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        visibility_timeout=redeliver_seconds,
        broker_transport_options={"confirm_publish": True} if amqp else _ringing_again(redeliver_seconds),
        result_backend_transport_options={"visibility_timeout": redeliver_seconds},
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    return app


def bell(app: Celery) -> Callable[[OutMessage], None]:
    """The sender of the outbox's rings: one message for every unit that waits, up to a limit."""
    amqp = app.conf.broker_url.startswith(("amqp", "pyamqp"))

    def ring(message: OutMessage) -> None:
        try:
            with app.producer_pool.acquire(block=True, timeout=10) as producer:
                for _ in range(min(_MOST_RINGS, int(message.payload["count"]))):
                    app.send_task(ADVANCE, queue=_queue(message.topic, amqp), producer=producer, ignore_result=True, retry=False)
        except (KombuError, OSError) as error:
            raise SohoaError("broker_unreachable") from error

    return ring


def register(app: Celery, place: Place, runner: LocalRunner, settings: Settings, heard: Callable[[], None] = lambda: None) -> None:
    """Add our tasks to `app`; their bodies record the document or ring the runner, and wait.

    `heard` is called for every message: the worker is still connected.
    """
    hold = hold_seconds(settings)

    @app.task(name=DIGITISE, bind=True, max_retries=None)  # type: ignore[untyped-decorator]
    def digitise(self: Any, path: str, out: str, reader: str = "default") -> dict[str, Any]:
        """Read one file. `path` is a file this worker can open, `out` the folder that gets `<name>/document.pdf` and so on.

        Returns the row of batch.json. A file that cannot be processed gives a row with status "failed" and its code; the
        task itself fails only when sohoa does.
        """
        heard()
        done = digitise_one(Path(path), Path(out), reader, place, runner, settings, hold)
        if done is None:
            raise self.retry(countdown=0)
        return row(done)

    @app.task(name=ADVANCE, ignore_result=True)  # type: ignore[untyped-decorator]
    def advance() -> None:
        """Ring for one unit of work; any unit, for which one comes next is the records' business."""
        heard()
        runner.ticket().wait(hold)

    @app.task(name=PULSE, ignore_result=True)  # type: ignore[untyped-decorator]
    def pulse() -> None:
        """Nothing but a sign that messages arrive."""
        heard()


def hold_seconds(settings: Settings) -> float:
    """For less than what makes the broker give a message out again (RabbitMQ: 30 minutes) it is held, then sent anew."""
    return min(1200.0, 0.8 * settings.redeliver_seconds)


def digitise_one(
    path: Path, out: Path, reader: str, place: Place, runner: LocalRunner, settings: Settings, hold: float = 1e9
) -> Document | None:
    """Record one upload and let the runner work; None when it is not over after `hold` seconds."""
    job = Job(
        out=str(out.resolve()),
        reader=reader,
        templates=settings.templates,
        codes=check_patterns(settings.codes),
        skip_rules=settings.skip_rules,
        most_pages=settings.limits.pages,
        page_seconds=settings.limits.page_seconds,
    )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise SohoaError("out_unwritable", path=str(out)) from None
    with Child() as child:
        (new, *more) = Intake(place.objects, settings.limits.file_megabytes << 20, child).accept([path])
    if more:
        raise SohoaError("zip_not_here")
    # Settings are part of the batch's name: the same folder read in another way is other work.
    terms = Terms(priority=INTERACTIVE, ring=runner.duty.shared)
    batch = place.records.open_batch(f"celery:{sha256(job.encode().encode()).hexdigest()[:16]}", job.encode(), terms)
    document = place.records.add_document(batch, new)
    runner.ring()
    if not runner.wait(lambda: place.records.document(document).status != "waiting", lambda: None, most=hold):
        return None
    done = place.records.document(document)
    if done.files:
        deliver(place.objects, done.files, out / done.name)
    return done


def pulse_queue(worker: str, broker: str) -> Any:
    """The queue of one worker's messages to itself, gone soon after it."""
    gone = {"durable": False, "auto_delete": True, "expires": 120} if broker.startswith(("amqp", "pyamqp")) else {}
    return _queue(f"pulse.{worker}", False, **gone)


def _queue(name: str, amqp: bool, **more: Any) -> Any:
    full = f"sohoa.{name}"
    return Queue(full, routing_key=full, queue_arguments={"x-queue-type": "quorum"} if amqp else None, **more)  # type: ignore[no-untyped-call]
