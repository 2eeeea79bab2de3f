"""Fair shares, delayed work, delivered files and dossiers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BATCH = (
    sa.Column("state", sa.String(16), nullable=False, server_default="open"),
    sa.Column("terms", sa.Text),
    sa.Column("office", sa.String(64), nullable=False, server_default=""),
    sa.Column("priority", sa.Integer, nullable=False, server_default="1"),
    sa.Column("documents_left", sa.Integer, nullable=False, server_default="0"),
)
_DOCUMENT = (
    sa.Column("dossier", sa.String(32)),
    sa.Column("files", sa.Text),
    sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
    sa.Column("share", sa.Float, nullable=False, server_default="0"),
    sa.Column("over", sa.Float),
)
_UNIT = (
    sa.Column("queue", sa.String(64), nullable=False, server_default="reading"),
    sa.Column("priority", sa.Integer, nullable=False, server_default="1"),
    sa.Column("turn", sa.Integer, nullable=False, server_default="0"),
    sa.Column("share", sa.Float, nullable=False, server_default="0"),
    sa.Column("since", sa.Float, nullable=False, server_default="0"),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("cause", sa.String(64)),
    sa.Column("seconds", sa.Float, nullable=False, server_default="0"),
    sa.Column("files", sa.Text),
)


def upgrade() -> None:
    """Add the columns, count what is left, and index what is claimed next."""
    for table, columns in (("batch", _BATCH), ("document", _DOCUMENT), ("unit", _UNIT)):
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE batch SET documents_left = (SELECT count(*) FROM document WHERE document.batch = batch.id AND status = 'waiting')")
    op.create_index("document_sha256", "document", ["sha256"])
    op.create_index("document_over", "document", ["over"])
    op.drop_index("unit_next", "unit")
    ready, due = sa.text("state = 'ready'"), sa.text("state in ('leased', 'delayed')")
    order = ["priority", "turn", "order", "share", "id"]
    op.create_index("unit_ready", "unit", ["queue", *order], sqlite_where=ready, postgresql_where=ready)
    op.create_index("unit_ready_batch", "unit", ["batch", *order], sqlite_where=ready, postgresql_where=ready)
    op.create_index("unit_due", "unit", ["deadline"], sqlite_where=due, postgresql_where=due)
    op.create_index("unit_batch", "unit", ["batch", "stage", "state"])
