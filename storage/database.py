"""One way to a database: SQLite in a file, with the settings that make it safe for one writing process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from sohoa.errors import SohoaError, UsageError
from storage.schema import metadata

_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "glusterfs", "ceph", "afs", "ncpfs"}


def open_sqlite(file: Path) -> Engine:
    """The database in `file`, created with its tables when new.

    Raises UsageError state_on_network when the file would lie on a network file system, where SQLite's locks cannot
    be trusted.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if (kind := file_system(file.parent)) in _NETWORK_FILE_SYSTEMS:
        raise UsageError("state_on_network", kind=kind)
    engine = create_engine(f"sqlite:///{file}", poolclass=QueuePool, pool_size=8, connect_args={"timeout": 30, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record) -> None:  # type: ignore[no-untyped-def]
        connection.isolation_level = None  # we begin transactions ourselves, see below
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            connection.execute(f"PRAGMA {line}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns into a writer half-way fails at once when another writes; IMMEDIATE waits.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with transaction(engine) as tx:
        metadata.create_all(tx)
    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """One transaction; a full disk or a locked database becomes a code."""
    from sqlalchemy.exc import OperationalError

    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as error:
        text = str(error.orig).lower()
        raise SohoaError("disk_full" if "full" in text else "database_busy" if "locked" in text else "database_failed") from None


def file_system(folder: Path) -> str:
    """The type of the file system that holds `folder`, as the kernel names it; empty when it cannot be known."""
    try:
        mounts = Path("/proc/self/mountinfo").read_text(encoding="utf8").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    where = os.path.realpath(folder)
    for line in mounts:
        left, _, right = line.partition(" - ")
        mount = left.split()[4].replace("\\040", " ")
        if (where == mount or where.startswith(mount.rstrip("/") + "/")) and len(mount) >= len(best):
            best, kind = mount, right.split()[0]
    return kind
