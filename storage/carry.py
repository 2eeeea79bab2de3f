"""Carry everything from one pair of database and object store to another, and prove that it arrived.

Every table is copied row by row in one transaction of the target; then both sides are counted and hashed, and every object
is read back by its hash. The source is only read.
"""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from sohoa.errors import SohoaError, UsageError
from storage.database import transaction
from storage.objects import Objects
from storage.schema import metadata, workers

_MANY = 1000


class Carried(Struct, frozen=True):
    """Rows by table, and objects, that are now at both places."""

    rows: dict[str, int]
    objects: int


def carry(source: Engine, target: Engine, from_objects: Objects, to_objects: Objects, tick: Callable[[str, int], None]) -> Carried:
    """Copy all rows and objects; `tick` hears the name of what is copied and how many.

    Raises UsageError move_not_empty for a target that holds rows already, move_in_work while a unit is leased, and SohoaError
    move_differs when what arrived is not what was sent; then nothing is left in the target's tables.
    """
    objects = 0
    for sha in from_objects.list():
        if to_objects.put(from_objects.path(sha)) != sha:
            raise SohoaError("move_differs", what="objects")
        objects += 1
        tick("objects", objects)
    rows: dict[str, int] = {}
    with transaction(source) as old, transaction(target) as new:
        tables = [table for table in metadata.sorted_tables if table is not workers]
        for table in tables:
            if new.execute(select(func.count()).select_from(table)).scalar_one():
                raise UsageError("move_not_empty")
        units = metadata.tables["unit"]
        if old.execute(select(func.count()).where(units.c.state == "leased")).scalar_one():
            raise UsageError("move_in_work")
        for table in tables:
            reader = _rows(old, table)
            while some := list(islice(reader, _MANY)):
                new.execute(insert(table), some)
                rows[table.name] = rows.get(table.name, 0) + len(some)
                tick(table.name, rows[table.name])
            if new.dialect.name == "postgresql" and "id" in table.c and table.c["id"].type.python_type is int and table.name != "audit":
                # The target goes on counting where the source stopped.
                last = f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"  # noqa: S608
                if rows.get(table.name):
                    new.execute(text(last))
            if _hash(old, table) != _hash(new, table):
                raise SohoaError("move_differs", what=table.name)
    there = set(to_objects.list())
    missing = [sha for sha in from_objects.list() if sha not in there]
    if missing:
        raise SohoaError("move_differs", what="objects")
    for sha in there:
        to_objects.path(sha)
    return Carried(rows, objects)


def _rows(tx: Connection, table: Table) -> Iterator[dict[str, Any]]:
    found = tx.execute(select(table).order_by(*table.primary_key.columns), execution_options={"yield_per": _MANY})
    for row in found.mappings():
        yield dict(row)


def _hash(tx: Connection, table: Table) -> int:
    """A sum over the rows' hashes, for two databases need not put text in the same order."""
    lines = (json.dumps(row, sort_keys=True, default=str) for row in _rows(tx, table))
    return sum(int.from_bytes(sha256(line.encode()).digest()) for line in lines)
