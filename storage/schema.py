"""The tables. A batch has documents, perhaps in dossiers; a document has units of work; the books stand alone.

Times are Unix seconds (UTC). Everything a person must not lose is in a row; files are named by their SHA-256. A change of
a table that exists already needs a step in `storage/migrations/versions`; a new table needs none. Indexes over some of a
table's rows stand in `storage/ddl.py`.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()
REVISION = "0003"  # the newest step of storage/migrations
_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up INTEGER keys only


offices = Table(
    "office",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("share", Float, nullable=False, server_default="0"),  # virtual time of its last document, see storage/batches.py
    Column("waiting", Integer, nullable=False, server_default="0"),
)

batches = Table(
    "batch",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("out", Text, nullable=False, unique=True),
    Column("settings", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),  # open, cancelled
    Column("terms", Text),  # storage.model.Terms as JSON
    Column("office", String(64), nullable=False, server_default=""),
    Column("priority", Integer, nullable=False, server_default="1"),
    Column("documents_left", Integer, nullable=False, server_default="0"),
)

dossiers = Table(
    "dossier",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch", ForeignKey("batch.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("documents_left", Integer, nullable=False, server_default="0"),
    UniqueConstraint("batch", "name"),
)

documents = Table(
    "document",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("batch", ForeignKey("batch.id", ondelete="CASCADE"), nullable=False),
    Column("dossier", String(32)),
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
    Column("files", Text),  # the delivered files, name by SHA-256, as JSON
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("share", Float, nullable=False, server_default="0"),
    Column("over", Float),  # when it was over
    Index("document_batch", "batch", "position"),
    Index("document_sha256", "sha256"),
    Index("document_over", "over"),
)

units = Table(
    "unit",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("document", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("batch", String(32), nullable=False),
    Column("stage", String(16), nullable=False),  # open, page, finish, sign
    Column("page", Integer, nullable=False, server_default="0"),
    # What is claimed next: queue, then priority, turn, order, share, id (storage/units.py says why).
    Column("queue", String(64), nullable=False, server_default="reading"),
    Column("priority", Integer, nullable=False, server_default="1"),
    Column("turn", Integer, nullable=False, server_default="0"),
    Column("order", Integer, nullable=False),
    Column("share", Float, nullable=False, server_default="0"),
    Column("state", String(16), nullable=False, server_default="ready"),  # ready, leased, delayed, done, cancelled
    Column("since", Float, nullable=False, server_default="0"),  # when it became ready
    Column("attempt", Integer, nullable=False, server_default="0"),  # the fencing token: only grows
    Column("owner", String(64)),
    Column("deadline", Float),  # of a lease: when it is overdue; of a delayed unit: when it is tried again
    Column("deaths", Integer, nullable=False, server_default="0"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("cause", String(64)),  # the code of what went wrong last
    Column("seconds", Float, nullable=False, server_default="0"),
    Column("result", Text),
    Column("files", Text),
    UniqueConstraint("document", "stage", "page"),
    Index("unit_batch", "batch", "stage", "state"),
)

workers = Table(
    "worker",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("queues", Text, nullable=False),
    Column("jobs", Integer, nullable=False),
    Column("started", Float, nullable=False),
    Column("seen", Float, nullable=False),  # its last sign of life
    Column("took", Float),  # when it last took work
    Column("heard", Float),  # when it last heard its own message through the broker
    Column("busy", Integer, nullable=False, server_default="0"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),  # ring, event
    Column("topic", String(64), nullable=False),  # a queue, or what happened
    Column("batch", String(32)),
    Column("document", String(32)),
    Column("payload", Text, nullable=False),
    Column("created", Float, nullable=False),
    Column("state", String(16), nullable=False, server_default="waiting"),  # waiting, dead
    Column("due", Float, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("cause", String(64)),
)

requests = Table(
    "request",
    metadata,
    Column("office", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),  # the idempotency key
    Column("digest", String(64), nullable=False),  # of what was asked
    Column("status", Integer),  # of the answer; NULL while it is being worked out
    Column("answer", Text),
    Column("created", Float, nullable=False),
    Index("request_created", "created"),
)

drops = Table(
    "drop_place",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("office", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64)),  # what the uploader says it will be
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
    Column("state", String(16), nullable=False, server_default="open"),  # open, filled, taken
    Column("taken", String(64)),  # the SHA-256 of what came
)

archived = Table(
    "archived_document",
    metadata,
    Column("doc_code", String(64), primary_key=True),
    Column("office", String(64), nullable=False),
    Column("metadata", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("created", Float, nullable=False),
    Column("updated", Float, nullable=False),
    Index("archived_office", "office"),
)

page_texts = Table(
    "page_text",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("document", ForeignKey("document.id", ondelete="CASCADE"), nullable=False),
    Column("page", Integer, nullable=False),  # 0: the fields
    Column("body", Text, nullable=False),
    Column("words", Text, nullable=False),  # lower case, as written
    Column("folded", Text, nullable=False),  # lower case, without diacritics
    Index("page_text_document", "document"),
)

audit_entries = Table(
    "audit",
    metadata,
    Column("id", _NUMBER, primary_key=True),  # counted by ourselves: a gap is a missing entry
    Column("at", Float, nullable=False),
    Column("actor", String(128), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(128), nullable=False),
    Column("facts", Text, nullable=False),
    Column("before", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
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
