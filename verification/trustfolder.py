"""The operator's trust folder: what is in it, what may be added, what is taken out (TT 15/2025/TT-BKHCN Điều 5 k.5, Điều 6 k.3).

A certificate is added without question only when its SHA-256 stands in the manifest of known Vietnamese authorities.
Whoever adds another one must say that it is meant; one that bears a known authority's name with other bytes is a twin.
"""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec.yaml
from msgspec import Struct

from sohoa.errors import SohoaError, UsageError
from verification.certificates import read_certificate
from verification.subjects import issuer_of, subject_of
from verification.truststore import load_trust, read_items

Role = Literal["root", "intermediate", "crl", "ocsp"]
_ROLES: dict[str, Role] = {"anchor": "root", "certificate": "intermediate", "crl": "crl", "ocsp": "ocsp"}


class TrustEntry(Struct, frozen=True):
    """One item of the folder. `pinned` is the manifest's purpose (official_duty, public) of a known authority; dates ISO."""

    role: Role
    sha256: str
    name: str | None
    issuer: str | None
    valid_from: str | None
    valid_to: str | None
    pinned: str | None
    file: str


def list_trust(folder: Path) -> list[TrustEntry]:
    """Everything that the folder makes verification trust or know. Raises UsageError trust_missing."""
    load_trust(str(folder))
    found = []
    for file in sorted(f for f in folder.rglob("*") if f.is_file()):
        found += [_entry(kind, der, file.name) for kind, der in read_items(file.read_bytes())]
    return found


def add_trust(folder: Path, file: Path, unpinned: bool = False) -> list[TrustEntry]:
    """Copy the certificates and lists of `file` into the folder, each under its SHA-256; returns them.

    Raises SohoaError trust_not_certificate, trust_pin_mismatch (a known name on other bytes), trust_not_pinned;
    `unpinned` says that an unknown or different certificate is meant.
    """
    items = read_items(file.read_bytes())
    if not items:
        raise SohoaError("trust_not_certificate")
    entries = [_entry(kind, der, "") for kind, der in items]
    if not unpinned:
        for entry in entries:
            if entry.role in ("root", "intermediate") and entry.pinned is None:
                raise SohoaError("trust_pin_mismatch" if entry.name in _known_names() else "trust_not_pinned")
    folder.mkdir(parents=True, exist_ok=True)
    added = []
    for (kind, der), entry in zip(items, entries, strict=True):
        name = f"{entry.sha256[:16]}.{'crl' if kind == 'crl' else 'ocsp' if kind == 'ocsp' else 'crt'}"
        (folder / name).write_bytes(der)
        added.append(_entry(kind, der, name))
    return added


def remove_trust(folder: Path, sha256: str) -> list[TrustEntry]:
    """Delete the files whose items have a SHA-256 that starts with `sha256` (8 digits or more). Raises UsageError trust_unknown_item."""
    wanted = sha256.lower().replace(":", "")
    gone = [entry for entry in list_trust(folder) if len(wanted) >= 8 and entry.sha256.startswith(wanted)]
    if not gone:
        raise UsageError("trust_unknown_item")
    for name in {entry.file for entry in gone}:
        for file in folder.rglob(name):
            file.unlink()
    return gone


def _entry(kind: str, der: bytes, file: str) -> TrustEntry:
    digest = hashlib.sha256(der).hexdigest()
    certificate = read_certificate(der) if kind in ("anchor", "certificate") else None
    return TrustEntry(
        role=_ROLES[kind],
        sha256=digest,
        name=subject_of(der).name if certificate else None,
        issuer=issuer_of(der).name if certificate else None,
        valid_from=certificate.not_before.date().isoformat() if certificate else None,
        valid_to=certificate.not_after.date().isoformat() if certificate else None,
        pinned=next((pin["purpose"] for pin in _pins() if pin["sha256"] == digest), None),
        file=file,
    )


def _known_names() -> set[str]:
    return {pin["name"] for pin in _pins()}


@cache
def _pins() -> list[dict[str, Any]]:
    content = msgspec.yaml.decode(files("verification").joinpath("trust", "manifest.yaml").read_text(encoding="utf8"))
    pins: list[dict[str, Any]] = content["pins"]
    return pins
