"""Names in certificates as Vietnamese issuers write them: persons, agencies, and their numbers in UID fields.

`0.9.2342.19200300.100.1.1` (UID) holds `MST:0106200129` (tax code), `CCCD:…`, `CMND:…` (identity numbers) or `MNS:…`
(budget code); several may stand there, and the prefix is sometimes missing. Personal numbers are masked for the public
(Luật 91/2025/QH15); tax and budget codes of organisations are public and stay.
"""

import re
from functools import lru_cache
from typing import Any

from asn1crypto import x509
from msgspec import Struct

from verification.masking import is_disguised, mask, shown

_PREFIXED = re.compile(r"^\s*(MST|CCCD|CMND|HC|MNS|GPKD)\s*[:=]\s*(.+?)\s*$", re.IGNORECASE)
_PERSONAL_KINDS = ("CCCD", "CMND", "HC")


class Subject(Struct, frozen=True):
    """`name` is the person or agency, `organisation` and `unit` where it belongs; numbers as (kind, number).

    `disguised`: one of the names holds what a person cannot see (see verification.masking).
    """

    name: str | None
    organisation: str | None
    unit: str | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    disguised: bool = False

    @property
    def is_organisation(self) -> bool:
        """Whether the numbers are those of an organisation and none is a person's."""
        kinds = {kind for kind, _ in self.numbers}
        return bool(kinds & {"MST", "MNS"}) and not kinds & set(_PERSONAL_KINDS)

    @property
    def is_person(self) -> bool:
        """Whether one of the numbers is a person's."""
        return any(kind in _PERSONAL_KINDS for kind, _ in self.numbers)


def subject_of(der: bytes) -> Subject:
    """The subject of a certificate with personal numbers masked; empty when it cannot be read."""
    return _read(der, "subject")


def issuer_of(der: bytes) -> Subject:
    """The issuer of a certificate."""
    return _read(der, "issuer")


@lru_cache(maxsize=1024)
def _read(der: bytes, which: str) -> Subject:
    try:
        certificate = x509.Certificate.load(der)
        name = certificate.subject if which == "subject" else certificate.issuer
        parts: dict[str, list[str]] = {}
        for relative in name.chosen:
            for pair in relative:
                parts.setdefault(pair["type"].dotted, []).append(str(pair["value"].native))
    except Exception:  # noqa: BLE001 - an odd name is shown as none
        return Subject(None, None)
    common = _first(parts, "2.5.4.3")
    organisation = _first(parts, "2.5.4.10")
    unit = _first(parts, "2.5.4.11")
    return Subject(
        name=mask(shown(common or organisation or "")) or None,
        organisation=mask(shown(organisation or unit or "")) or None,
        unit=mask(shown(unit or "")) or None,
        disguised=any(is_disguised(text) for text in (common, organisation, unit) if text),
        numbers=tuple(_number(text) for text in parts.get("0.9.2342.19200300.100.1.1", [])),
    )


def _first(parts: dict[str, list[str]], oid: str) -> Any:
    return next(iter(parts.get(oid, [])), None)


def _number(text: str) -> tuple[str, str]:
    found = _PREFIXED.match(text)
    kind, number = (found[1].upper(), found[2]) if found else ("", text.strip())
    return kind, "*" * max(0, len(number) - 3) + number[-3:] if kind in _PERSONAL_KINDS else mask(number)
