"""`sohoa doctor`: is everything there that this installation, as it is set, will need? Every answer is a check with its advice."""

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sohoa.checks import Check, Result, check
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.database import file_system, open_database, transaction
from storage.stores import open_objects

_ROOM_GB = 2.0
_SKEW = 5.0
_RELEASED = 1_767_225_600  # 2026-01-01: a clock before that is wrong


def examine(home: Path, settings: Settings) -> Iterator[Check]:
    """One check after the other; none changes anything but a probe of the object store that it removes again."""
    yield _tesseract()
    yield _languages()
    yield from _folder(home)
    yield _clock()
    yield from _records(home, settings)
    yield _objects(home, settings)
    if settings.storage.records:
        yield _broker(settings)


def _tesseract() -> Check:
    return check("doctor_tesseract", "passed" if shutil.which("tesseract") else "failed")


def _languages() -> Check:
    if not shutil.which("tesseract"):
        return check("doctor_vietnamese", "not_made")
    said = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, timeout=20)  # noqa: S607 - the operator's own PATH is what is examined
    return check("doctor_vietnamese", "passed" if "vie" in said.stdout.split() else "failed")


def _folder(home: Path) -> Iterator[Check]:
    kind = file_system(home)
    network = kind.startswith(("nfs", "cifs", "smb", "9p", "fuse.sshfs", "gluster", "ceph"))
    yield check("doctor_local_disk", "failed" if network else "passed", kind=kind or "?")
    open_to_others = home.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    yield check("doctor_private", "warning" if open_to_others else "passed", path=str(home))
    writable = os.access(home, os.W_OK | os.X_OK)
    yield check("doctor_writable", "passed" if writable else "failed", path=str(home))
    free = shutil.disk_usage(home).free / 1e9
    yield check("doctor_room", "passed" if free > _ROOM_GB else "failed" if free < 0.2 else "warning", gigabytes=f"{free:.1f}")


def _clock() -> Check:
    return check("doctor_clock", "passed" if time.time() > _RELEASED else "failed")


def _records(home: Path, settings: Settings) -> Iterator[Check]:
    where = settings.storage.records
    try:
        engine = open_database(where or home / "sohoa.sqlite")
        with transaction(engine, reading=True) as tx:
            if not where:
                sound = tx.exec_driver_sql("PRAGMA quick_check").scalar() == "ok"
                yield check("doctor_records", "passed" if sound else "failed", why="database_failed")
                return
            before = time.time()
            theirs = float(tx.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar_one())
            skew = abs(theirs - (before + time.time()) / 2)
    except SohoaError as error:
        yield check("doctor_records", "failed", why=error.code)
        return
    yield check("doctor_records", "passed", why="")
    yield check("doctor_clock_of_records", "passed" if skew < _SKEW else "warning", seconds=f"{skew:.1f}")


def _objects(home: Path, settings: Settings) -> Check:
    def probe() -> None:
        objects = open_objects(settings.storage.objects, home)
        body = f"sohoa doctor {os.getpid()} {time.time_ns()}".encode()
        sha = objects.put(body)
        try:
            if objects.path(sha).read_bytes() != body:
                raise SohoaError("object_damaged", sha256=sha[:8])
        finally:
            objects.remove(sha)

    return _tried("doctor_objects", probe)


def _broker(settings: Settings) -> Check:
    def probe() -> None:
        from kombu.connection import Connection
        from kombu.exceptions import KombuError

        try:
            with Connection(settings.broker, connect_timeout=5) as connection:  # type: ignore[no-untyped-call]
                connection.ensure_connection(max_retries=1, interval_start=0.1, timeout=5)
        except (KombuError, OSError):
            raise SohoaError("broker_unreachable") from None

    return _tried("doctor_broker", probe)


def _tried(code: str, probe: Callable[[], None]) -> Check:
    result: Result = "passed"
    why = ""
    try:
        probe()
    except SohoaError as error:
        result, why = "failed", error.code
    return check(code, result, why=why)
