"""Codes against print: what a QR code says must be what is printed."""

from collections.abc import Mapping
from typing import Any

from sohoa.checks import Check


def qr_check(values: Mapping[str, Any]) -> Check | None:
    """None without a QR code."""
    return None
