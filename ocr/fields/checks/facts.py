"""What a rule may look at: the values of a document's fields by name."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class Facts(Struct, frozen=True):
    """`values` by field name, checkboxes as true, false or None; a table is a list of rows.

    `parameters` are the template's own words for the rule.
    """

    values: Mapping[str, Any]
    parameters: Mapping[str, str]

    def text(self, name: str) -> str:
        """The value as text, empty when there is none."""
        value = self.values.get(name)
        return "" if value is None or isinstance(value, (list, bool)) else str(value)

    def number(self, name: str) -> float | None:
        """The value as a number, None when there is none."""
        value = self.values.get(name)
        return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def ticked(self, name: str) -> bool | None:
        """The state of a check box, None when it is not known."""
        value = self.values.get(name)
        return value if isinstance(value, bool) else None

    def rows(self, name: str) -> list[dict[str, Any]] | None:
        """The rows of a table, None when the table was not found."""
        value = self.values.get(name)
        return value if isinstance(value, list) else None
