"""What time it is for the records: the database's own time where many machines share one, for their clocks disagree."""

from collections.abc import Callable
from time import time

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Engine, Float, cast, func, select

SERVER_CLOCK: ColumnElement[float] = cast(func.extract("epoch", func.clock_timestamp()), Float)  # PostgreSQL's


class Clock(Struct, frozen=True):
    """Unix seconds. `given` is a clock of the caller's own, for tests."""

    engine: Engine
    given: Callable[[], float] | None = None

    def moment(self) -> float | ColumnElement[float]:
        """Now, as a number or as an expression that the database works out."""
        if self.given is not None:
            return self.given()
        if self.engine.dialect.name == "postgresql":
            return SERVER_CLOCK
        return time()

    def read(self, tx: Connection) -> float:
        """Now, as a number."""
        moment = self.moment()
        return moment if isinstance(moment, float) else float(tx.execute(select(moment)).scalar_one())
