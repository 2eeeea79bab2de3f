"""The door for portals in Python: Celery tasks by name, with plain JSON in and out.

A portal calls `app.send_task("sohoa.digitise", kwargs={"path": ..., "out": ...})` and imports nothing of ours. A
message is only a doorbell (design rule 4): the document is recorded before work begins, the work is done by the same
runner as `sohoa run`, and a message that comes twice finds the first one's result.
"""

from hashlib import sha256
from pathlib import Path
from typing import Any

from celery import Celery

from ocr.codes import check_patterns
from pipeline.batch import row
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.runner import LocalRunner, Place
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.settings import Settings


def application(broker: str, redeliver_seconds: int) -> Celery:
    """A Celery application with settings that lose no message when a worker dies.

    Redis gives a message out again when it was not answered for `redeliver_seconds`. A long document is then rung for
    twice, which is harmless: the second message finds the same document and waits with the first.
    """
    app = Celery("sohoa", broker=broker, backend=broker)
    app.conf.update(
        task_default_queue="sohoa.reading",
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_pool="threads",
        task_serializer="json",
        result_serializer="json",
        accept_content=["json"],
        task_track_started=True,
        broker_connection_retry_on_startup=True,
        visibility_timeout=redeliver_seconds,
        broker_transport_options={"visibility_timeout": redeliver_seconds},
        result_backend_transport_options={"visibility_timeout": redeliver_seconds},
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    return app


def register(app: Celery, place: Place, runner: LocalRunner, settings: Settings) -> None:
    """Add our tasks to `app`; their bodies record the document, ring the runner, and wait."""

    @app.task(name="sohoa.digitise")  # type: ignore[untyped-decorator]
    def digitise(path: str, out: str, reader: str = "default") -> dict[str, Any]:
        """Read one file. `path` is a file this worker can open, `out` the folder that gets `<name>/document.pdf` and so on.

        Returns the row of batch.json. A file that cannot be processed gives a row with status "failed" and its code; the
        task itself fails only when sohoa does.
        """
        return digitise_one(Path(path), Path(out), reader, place, runner, settings)


def digitise_one(path: Path, out: Path, reader: str, place: Place, runner: LocalRunner, settings: Settings) -> dict[str, Any]:
    """Record one upload, let the runner work, and return its row."""
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
    batch = place.records.open_batch(f"celery:{sha256(job.encode().encode()).hexdigest()[:16]}", job.encode())
    document = place.records.add_document(batch, new)
    runner.ring()
    runner.wait(lambda: place.records.document(document).status != "waiting", lambda: None)
    return row(place.records.document(document))
