"""The tables. One batch has documents, a document has units of work; the register of certified copies stands alone.

Times are Unix seconds (UTC). Everything a person must not lose is in a row; files are named by their SHA-256.
"""

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, MetaData, String, Table, Text, UniqueConstraint

metadata = MetaData()

batches = Table(
    "batch",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("out", Text, nullable=False, unique=True),
    Column("settings", Text, nullable=False),
    Column("created", Float, nullable=False),
)

documents = Table(
    "document",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch", ForeignKey("batch.id", ondelete="CASCADE"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("media_type", String(64)),
    Column("facts", Text),  # what opening found, as JSON
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("pages_left", Integer, nullable=False, server_default="0"),  # the join: the unit that brings it to 0 rings for the next stage
    Column("status", String(16), nullable=False, server_default="waiting"),  # waiting, done, review, partial, failed
    Column("error_code", String(64)),
    Column("summary", Text),  # what the batch report shows, as JSON
    Column("seconds", Float, nullable=False, server_default="0"),
    Index("document_batch", "batch", "position"),
)

units = Table(
    "unit",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("document", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("batch", String(32), nullable=False),
    Column("stage", String(16), nullable=False),  # open, page, finish
    Column("page", Integer, nullable=False, server_default="0"),
    Column("order", Integer, nullable=False),
    Column("state", String(8), nullable=False, server_default="ready"),  # ready, leased, done
    Column("attempt", Integer, nullable=False, server_default="0"),  # the fencing token: only grows
    Column("owner", String(64)),
    Column("deadline", Float),
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("result", Text),
    UniqueConstraint("document", "stage", "page"),
    Index("unit_next", "state", "order", "id"),
)

book_entries = Table(
    "book_entry",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("book", String(32), nullable=False),  # type symbol, as SCT/BS
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(10), nullable=False),  # reserved, issued, void
    Column("request", String(64), nullable=False),  # the same request continues with its own number
    Column("facts", Text, nullable=False),
    Column("reserved_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("sha256", String(64)),
    Column("reason", Text),
    Column("trial", Boolean, nullable=False, server_default="0"),
    UniqueConstraint("book", "year", "number"),
    UniqueConstraint("book", "year", "request"),
)

book_cancellations = Table(
    "book_cancellation",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("book", String(32), nullable=False),
    Column("year", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("volume", String(16), nullable=False, server_default=""),
    Column("sha256", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("reason", Text, nullable=False),
    UniqueConstraint("book", "year", "number"),
)
