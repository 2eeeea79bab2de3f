"""The tables of 0.1: batches, documents, units, books. They were made without a step; this one only names them."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Nothing: databases of that time have these tables."""
