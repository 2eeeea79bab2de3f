"""A database of an older version becomes today's, with everything that is in it."""

import threading
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text

import storage
from storage.database import open_database, open_sqlite
from storage.records import NewDocument, Records, Terms
from storage.schema import REVISION

OLDEST = """
CREATE TABLE batch (id VARCHAR(32) NOT NULL PRIMARY KEY, out TEXT NOT NULL UNIQUE, settings TEXT NOT NULL, created FLOAT NOT NULL);
CREATE TABLE document (id VARCHAR(32) NOT NULL PRIMARY KEY, batch VARCHAR(32) NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
 position INTEGER NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL, sha256 VARCHAR(64) NOT NULL, media_type VARCHAR(64),
 facts TEXT, pages INTEGER DEFAULT '0' NOT NULL, pages_left INTEGER DEFAULT '0' NOT NULL,
 status VARCHAR(16) DEFAULT 'waiting' NOT NULL, error_code VARCHAR(64), summary TEXT, seconds FLOAT DEFAULT '0' NOT NULL);
CREATE INDEX document_batch ON document (batch, position);
CREATE TABLE unit (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, document VARCHAR(32) NOT NULL REFERENCES document (id) ON DELETE CASCADE,
 batch VARCHAR(32) NOT NULL, stage VARCHAR(16) NOT NULL, page INTEGER DEFAULT '0' NOT NULL, "order" INTEGER NOT NULL,
 state VARCHAR(8) DEFAULT 'ready' NOT NULL, attempt INTEGER DEFAULT '0' NOT NULL, owner VARCHAR(64), deadline FLOAT,
 deaths INTEGER DEFAULT '0' NOT NULL, result TEXT, UNIQUE (document, stage, page));
CREATE INDEX unit_next ON unit (state, "order", id);
INSERT INTO batch VALUES ('b', 'out', '{}', 1);
INSERT INTO document (id, batch, position, source, name, sha256) VALUES ('d', 'b', 0, 'in/a', 'a', 'aa');
INSERT INTO unit (document, batch, stage, "order") VALUES ('d', 'b', 'open', 0);
"""


def shape(file: Path) -> dict[str, tuple[object, object]]:
    seen = inspect(create_engine(f"sqlite:///{file}"))
    return {
        table: (
            {column["name"]: (column["nullable"], column["default"]) for column in seen.get_columns(table)},
            {
                index["name"]: (index["column_names"], str(index["dialect_options"].get("sqlite_where")))
                for index in seen.get_indexes(table)
            },
        )
        for table in seen.get_table_names()
        if not table.startswith("page_index")
    }


def test_a_database_of_the_first_version_becomes_the_same_as_a_new_one_and_keeps_its_work(tmp_path: Path) -> None:
    old = create_engine(f"sqlite:///{tmp_path / 'old.sqlite'}")
    with old.begin() as tx:
        for line in OLDEST.strip().split(";\n"):
            tx.execute(text(line))
    old.dispose()
    records = Records(open_sqlite(tmp_path / "old.sqlite"))
    open_sqlite(tmp_path / "new.sqlite")
    assert shape(tmp_path / "old.sqlite") == shape(tmp_path / "new.sqlite")
    claim = records.claim("w", 60)
    assert claim is not None and claim.document == "d"
    assert records.cancel("b") == 1


def test_what_waited_to_be_finished_where_the_key_is_is_finished_anywhere_and_signed_there(tmp_path: Path) -> None:
    file = tmp_path / "before.sqlite"
    records = Records(open_sqlite(file))
    batch = records.create_batch("out", "{}", [NewDocument("in/a", "a", "aa")], Terms(queues={"sign": "signing.can_bo"}))
    with records.engine.begin() as tx:
        tx.execute(text("""UPDATE batch SET terms = replace(terms, '"sign"', '"finish"')"""))
        tx.execute(text("UPDATE unit SET stage = 'finish', queue = 'signing.can_bo'"))
        tx.execute(text("UPDATE alembic_version SET version_num = '0002'"))
        tx.execute(text("UPDATE sohoa_schema SET fingerprint = 'of an older version'"))
    records.engine.dispose()
    records = Records(open_sqlite(file))
    claim = records.claim("w", 60)
    assert claim is not None and claim.stage == "finish"
    assert records.terms(batch).queues == {"sign": "signing.can_bo"}


def test_the_newest_step_is_the_one_that_new_databases_are_marked_with() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(storage.__path__[0]) / "migrations"))
    assert ScriptDirectory.from_config(config).get_current_head() == REVISION


def test_many_processes_may_open_a_new_database_at_once(postgres) -> None:
    where, failed = postgres.database(), []

    def start() -> None:
        try:
            open_database(where).dispose()
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
