"""One way to a database: SQLite in a file, safe for one writing process, or PostgreSQL for many.

`transaction` is one transaction, whose failures are codes. `transition` makes a method one transaction that is tried again
while the database is away: every method so marked must be harmless to repeat, for the answer to a commit may be what was
lost.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import update_wrapper
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from sohoa.errors import SohoaError, UsageError
from storage.ddl import prepare_tables

_NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "glusterfs", "ceph", "afs", "ncpfs"}
_PATIENCE = 60.0  # seconds that a transition waits for a database that is away: a restart, a fail-over
_COLLIDED = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock not available: the same again will do

P = ParamSpec("P")
T = TypeVar("T")


class HasEngine(Protocol):
    """What `transition` asks of a class."""

    _engine: Engine


S = TypeVar("S", bound=HasEngine)


def open_database(where: str | Path) -> Engine:
    """The database at a `postgresql://` address, or in a file; its tables are made or brought up to date first.

    The password of PostgreSQL comes from PGPASSWORD or ~/.pgpass. Raises UsageError records_address for any other address.
    """
    if isinstance(where, str) and "://" in where:
        scheme, _, rest = where.partition("://")
        if scheme not in ("postgresql", "postgres"):
            raise UsageError("records_address")
        return open_postgres(f"postgresql+psycopg://{rest}")
    return open_sqlite(Path(where))


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
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {line}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if "sohoa_durable" in options:
            connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options['sohoa_durable'] else 'NORMAL'}")
        # A deferred transaction that turns into a writer half-way fails at once when another writes; IMMEDIATE waits.
        connection.exec_driver_sql("BEGIN" if options.get("sohoa_reading") else "BEGIN IMMEDIATE")

    with transaction(engine) as tx:
        prepare_tables(tx)
    return engine


def open_postgres(url: str) -> Engine:
    """The database at `url` (`postgresql+psycopg://…`)."""
    alive = {"connect_timeout": 5, "keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 3, "application_name": "sohoa"}
    engine = create_engine(url, pool_size=8, max_overflow=24, pool_recycle=1800, connect_args=alive)

    def prepare() -> None:
        with transaction(engine) as tx:
            # Many workers start at once after a new version is installed: one of them changes the tables.
            tx.exec_driver_sql("SELECT pg_advisory_xact_lock(7361686)")
            prepare_tables(tx)

    _patiently(prepare)
    return engine


@contextmanager
def transaction(engine: Engine, durable: bool | None = None, reading: bool = False) -> Iterator[Connection]:
    """One transaction; what goes wrong in the database becomes a code: disk_full, database_busy, database_unreachable or
    database_failed.

    `durable=False` does not wait for the disk: for what a power cut may undo, never for a result. (A claim that is undone is
    given again under the same attempt number; of two finishes one is accepted still.) A `reading` transaction does not keep
    writers waiting.
    """
    options: dict[str, object] = {"sohoa_reading": True} if reading else {}
    if engine.dialect.name == "sqlite" and not reading:
        options["sohoa_durable"] = durable is not False
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            if durable is False and engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SET LOCAL synchronous_commit TO OFF")
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise SohoaError(_code(error)) from None


def transition(body: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], T]:
    """A method whose first argument is the transaction it happens in, and which is repeated while the database is away."""
    return _method(body)


def reading(body: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], T]:
    """Like `transition`, for a method that only looks."""
    return _method(body, reading=True)


def lightly(body: Callable[Concatenate[S, Connection, P], T]) -> Callable[Concatenate[S, P], T]:
    """Like `transition`, for what a power cut may undo: a claim, a sign of life."""
    return _method(body, durable=False)


def _method(
    body: Callable[Concatenate[S, Connection, P], T], durable: bool | None = None, reading: bool = False
) -> Callable[Concatenate[S, P], T]:
    def whole(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        def once() -> T:
            with transaction(self._engine, durable, reading) as tx:
                return body(self, tx, *args, **kwargs)

        return _patiently(once)

    update_wrapper(whole, body)
    return whole


def _patiently(once: Callable[[], T]) -> T:
    started, pause = time.monotonic(), 0.05
    while True:
        try:
            return once()
        except SohoaError as error:
            if error.code not in ("database_unreachable", "database_collision") or time.monotonic() - started > _PATIENCE:
                raise
        time.sleep(pause)
        pause = min(2.0, pause * 2)


def _code(error: DBAPIError) -> str:
    text = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None)
    if "full" in text or state == "53100":
        return "disk_full"
    if state in _COLLIDED:
        return "database_collision"
    if "locked" in text:
        return "database_busy"
    if "sqlite" in type(error.orig).__module__:
        return "database_failed"
    # psycopg reports a refused or broken connection without a state, a server that stops or starts with class 57 or 08.
    return "database_unreachable" if state is None or state.startswith(("57", "08", "53")) else "database_failed"


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
