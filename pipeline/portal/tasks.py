"""The Celery door: `sohoa.extract`, `sohoa.verify`, `sohoa.sign` and `sohoa.certify` beside `sohoa.digitise`.

A message names files that the worker can open, and nothing else; its arguments are checked against the published shapes. A
message that comes twice, for its worker died or was slow, gets the first one's answer: it is remembered under the task's id.
"""

import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
from celery import Celery
from msgspec import Struct

from pipeline.batch import forget, row
from pipeline.portal import signatures
from pipeline.portal.deeds import Certifying, Keys, certify_upload, digest, fields_of, sign_upload, verify_upload
from pipeline.portal.signatures import checked, refused
from pipeline.runner import LocalRunner, Place
from pipeline.tasks import digitise_one
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.requests import Answer, Requests

_OFFICE = "celery:"  # whose idempotency keys a task's ids are


class Desk(Struct, frozen=True):
    """What the tasks work with. `certifying` is None where not both keys are held."""

    place: Place
    runner: LocalRunner
    settings: Settings
    child: Child
    keys: Keys
    certifying: Certifying | None


def register_portal(app: Celery, desk: Desk, heard: Callable[[], None], hold: float) -> None:
    """Add the tasks to `app`. `hold` is for how many seconds a message may be kept before it is sent anew."""

    @app.task(name="sohoa.extract", bind=True, max_retries=None)  # type: ignore[untyped-decorator]
    def extract(self: Any, **kwargs: Any) -> dict[str, Any]:
        heard()
        found = _answered(lambda: extract_one(desk, checked("sohoa.extract", kwargs), hold))
        if found is None:
            raise self.retry(countdown=0)
        return found

    @app.task(name="sohoa.verify")  # type: ignore[untyped-decorator]
    def verify(**kwargs: Any) -> dict[str, Any]:
        heard()
        return _answered(lambda: verify_one(desk, checked("sohoa.verify", kwargs))) or {}

    @app.task(name="sohoa.sign", bind=True)  # type: ignore[untyped-decorator]
    def sign(self: Any, **kwargs: Any) -> dict[str, Any]:
        heard()
        return _answered(lambda: sign_one(desk, checked("sohoa.sign", kwargs), self.request.id)) or {}

    @app.task(name="sohoa.certify", bind=True)  # type: ignore[untyped-decorator]
    def certify(self: Any, **kwargs: Any) -> dict[str, Any]:
        heard()
        return _answered(lambda: certify_one(desk, checked("sohoa.certify", kwargs))) or {}


def extract_one(desk: Desk, asked: signatures.Extract, hold: float = 1e9) -> dict[str, Any] | None:
    """The row of batch.json of one file, with its fields; of the file nothing stays. None when it takes longer than `hold`."""
    source = _readable(asked.path)
    out = desk.place.work / "extract" / sha256(f"{asked.path} {asked.reader} {digest(source)}".encode()).hexdigest()[:32]
    done = digitise_one(source, out, asked.reader, desk.place, desk.runner, desk.settings, hold)
    if done is None:
        return None
    delivered = out / done.name / "document.json"
    fields = fields_of(delivered) if delivered.is_file() else {"template": None, "template_version": None, "fields": [], "checks": None}
    forget(desk.place, done.batch)
    shutil.rmtree(out, ignore_errors=True)
    return {**row(done), **fields}


def verify_one(desk: Desk, asked: signatures.Verify) -> dict[str, Any]:
    """The verdict on one file."""
    return verify_upload(_readable(asked.path), asked.policy, desk.child, desk.settings, asked.path)


def sign_one(desk: Desk, asked: signatures.Sign, id: str) -> dict[str, Any]:
    """Sign one file; the task of this `id` signs it once."""
    key, source, out = desk.keys.get(asked.identity), _readable(asked.path), Path(asked.out)
    requests = Requests(desk.place.records.engine)
    what = sha256(msgspec.json.encode([msgspec.to_builtins(asked), digest(source)])).hexdigest()
    known = requests.begin(_OFFICE, id, what, desk.settings.api.keep_keys_days)
    if known is not None and out.is_file() and digest(out) == known.body["sha256"]:
        return dict(known.body)
    report = {"path": str(out), **sign_upload(source, out, key, asked.level, asked.profile, desk.child, desk.settings)}
    requests.end(_OFFICE, id, Answer(200, report))
    return report


def certify_one(desk: Desk, asked: signatures.Certify) -> dict[str, Any]:
    """Certify one capture; the same capture with the same facts is one copy with one number."""
    if desk.certifying is None:
        raise SohoaError("key_not_here")
    source = _readable(asked.path)
    where = (asked.certifier, asked.agency, desk.certifying, desk.child, desk.settings)
    return certify_upload(source, Path(asked.out), asked.original, asked.checklist, *where)


def _answered(act: Callable[[], dict[str, Any] | None]) -> dict[str, Any] | None:
    try:
        return act()
    except SohoaError as error:
        return refused(error)


def _readable(path: str) -> Path:
    file = Path(path)
    if not file.is_file():
        raise SohoaError("file_unreadable")
    return file
