"""The tables are made, or brought from an older version's shape to today's, before anybody uses a database.

A new database gets today's tables at once; an older one goes through the steps of `storage/migrations` (alembic). A test
proves that both roads end at the same tables. A fingerprint of all columns tells at the cost of one query that there is
nothing to do.
"""

import contextlib
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from storage.schema import REVISION, metadata

_MARK = "sohoa_schema"

# What is to be claimed, freed and sent next. SQLAlchemy would load PostgreSQL's part to say it, a tenth of every start.
_ORDER = 'priority, turn, "order", share, id'
_BOTH = (
    f"CREATE INDEX IF NOT EXISTS unit_ready ON unit (queue, {_ORDER}) WHERE state = 'ready'",
    f"CREATE INDEX IF NOT EXISTS unit_ready_batch ON unit (batch, {_ORDER}) WHERE state = 'ready'",
    "CREATE INDEX IF NOT EXISTS unit_due ON unit (deadline) WHERE state in ('leased', 'delayed')",
    "CREATE INDEX IF NOT EXISTS outbox_due ON outbox (kind, due) WHERE state = 'waiting'",
)
# What SQLAlchemy has no words for: full-text indexes, and the guard of the audit trail.
_SQLITE = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS page_index USING fts5(words, folded, content='page_text', content_rowid='id',"
    ' tokenize="unicode61 remove_diacritics 0")',
    "CREATE TRIGGER IF NOT EXISTS page_text_added AFTER INSERT ON page_text BEGIN"
    " INSERT INTO page_index(rowid, words, folded) VALUES (new.id, new.words, new.folded); END",
    "CREATE TRIGGER IF NOT EXISTS page_text_gone AFTER DELETE ON page_text BEGIN"
    " INSERT INTO page_index(page_index, rowid, words, folded) VALUES ('delete', old.id, old.words, old.folded); END",
    "CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END",
    "CREATE TRIGGER IF NOT EXISTS audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append only'); END",
)
_POSTGRES = (
    "CREATE INDEX IF NOT EXISTS page_text_words ON page_text USING gin (to_tsvector('simple', words))",
    "CREATE INDEX IF NOT EXISTS page_text_folded ON page_text USING gin (to_tsvector('simple', folded))",
    "CREATE OR REPLACE FUNCTION sohoa_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'append only'; END $$",
    "CREATE OR REPLACE TRIGGER audit_guard BEFORE UPDATE OR DELETE OR TRUNCATE ON audit"
    " FOR EACH STATEMENT EXECUTE FUNCTION sohoa_append_only()",
)


def prepare_tables(tx: Connection) -> None:
    """Make the tables of this version in whatever state the database is."""
    wanted = _fingerprint()
    if _mark(tx) == wanted:
        return
    if inspect(tx).has_table("batch"):
        _upgrade(tx)
    metadata.create_all(tx)
    for line in _BOTH + (_SQLITE if tx.dialect.name == "sqlite" else _POSTGRES):
        tx.exec_driver_sql(line)
    for line in (
        f"CREATE TABLE IF NOT EXISTS {_MARK} (fingerprint VARCHAR(64) NOT NULL)",
        "CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        f"DELETE FROM {_MARK}",  # noqa: S608 - a constant of this module
        "DELETE FROM alembic_version",
    ):
        tx.exec_driver_sql(line)
    tx.execute(text(f"INSERT INTO {_MARK} VALUES (:f)"), {"f": wanted})  # noqa: S608 - a constant of this module
    tx.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": REVISION})


def _mark(tx: Connection) -> str | None:
    with contextlib.suppress(DBAPIError), tx.begin_nested():  # no such table: a failure must not spoil the transaction
        return str(tx.execute(text(f"SELECT fingerprint FROM {_MARK}")).scalar())  # noqa: S608 - a constant of this module
    return None


def _fingerprint() -> str:
    columns = sorted(f"{table.name}.{column.name} {column.type!r}" for table in metadata.tables.values() for column in table.columns)
    return sha256("\n".join([REVISION, *columns, *_BOTH, *_SQLITE, *_POSTGRES]).encode()).hexdigest()


def _upgrade(tx: Connection) -> None:
    # Loaded here alone: half a second that only a new version's first start pays.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = tx
    if not inspect(tx).has_table("alembic_version"):
        command.stamp(config, "0001")  # made before there were steps
    command.upgrade(config, "head")
