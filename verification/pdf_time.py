"""Dates as PDF writes them: D:YYYYMMDDHHmmSSOHH'mm' (ISO 32000-2, 7.9.4)."""

import re
from datetime import UTC, datetime, timedelta, timezone

_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([Zz+-])(?:(\d\d)'?(\d\d)?'?)?)?")


def pdf_time(text: str | None) -> datetime | None:
    """The moment, UTC when no zone is given; None for anything that is no date."""
    found = _DATE.match(text.strip()) if text else None
    if not found:
        return None
    year, month, day, hour, minute, second = (
        int(part) if part else default for part, default in zip(found.groups()[:6], (0, 1, 1, 0, 0, 0), strict=True)
    )
    offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
    zone = timezone(-offset if found[7] == "-" else offset) if found[7] and offset < timedelta(hours=24) else UTC
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
