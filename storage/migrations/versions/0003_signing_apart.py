"""Signing is a stage of its own: what was to be finished where the key is, is finished anywhere and signed there."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Send the signing stage to the key's queue, and give what waits there for finishing back to its batch's own queue."""
    op.execute("""UPDATE batch SET terms = replace(terms, '"queues":{"finish":', '"queues":{"sign":')""")
    op.execute("UPDATE unit SET queue = 'reading' WHERE stage = 'finish' AND queue LIKE 'signing.%'")
