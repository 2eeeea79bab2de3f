"""Bringing the trust folder up to date: trusted lists from their addresses, revocation lists from their issuers.

A list is taken when the certificate that the operator named signed it, and never one older than the one at hand. Only
this command fetches; whoever calls it hands in the `fetch`, and untrusted XML is read in the child.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.revocation import list_window
from verification.services import TrustedList, decode, encode
from verification.tasks import LIST_ADDRESSES, READ_LIST, ListAddresses, ReadList
from verification.truststore import LISTS, read_items

Fetch = Callable[[str, bytes], bytes]


class Updated(Struct, frozen=True):
    """What became of one item: `what` is its address or file, `state` new, same, or a code of what went wrong."""

    what: str
    state: str
    services: int = 0
    next_update: str | None = None


def add_list(folder: Path, source: str, content: bytes, signer: bytes, child: Child) -> Updated:
    """Take a trusted list into the folder. `signer` is the DER certificate that must have signed it.

    Raises SohoaError trusted_list_unsigned, trusted_list_unreadable, trusted_list_older.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handed = folder / f".{hashlib.sha256(content).hexdigest()[:16]}.xml"
    handed.write_bytes(content)
    try:
        listed = child.call(READ_LIST, ReadList(str(handed), (signer,)))
    finally:
        handed.unlink()
    digest = hashlib.sha256(signer).hexdigest()
    target = folder / f"{listed.territory or 'list'}-{digest[:8]}{LISTS}"
    before = decode(target.read_bytes()) if target.is_file() else None
    if before and (listed.sequence, listed.issued) < (before.sequence, before.issued):
        raise SohoaError("trusted_list_older")
    (folder / "list-signers").mkdir(exist_ok=True)
    (folder / "list-signers" / f"{digest}.signer").write_bytes(signer)
    target.write_bytes(encode(replace(listed, source=source, signer=digest)))
    state = "same" if before and before.sequence == listed.sequence else "new"
    return Updated(source, state, len(listed.services), listed.next_update)


def update_folder(folder: Path, fetch: Fetch, child: Child) -> list[Updated]:
    """Fetch every trusted list of the folder and every revocation list that its certificates name; one bad source stops no other."""
    done = [_update_list(folder, decode(file.read_bytes()), fetch, child) for file in sorted(folder.glob(f"*{LISTS}"))]
    certificates = [file for file in folder.rglob("*") if file.is_file() and file.suffix.lower() in (".crt", ".cer", ".pem", ".der")]
    addresses = child.call(LIST_ADDRESSES, ListAddresses(tuple(str(file) for file in certificates))).urls
    return [*done, *(_update_crl(folder, url, fetch) for url in addresses)]


def _update_list(folder: Path, listed: TrustedList, fetch: Fetch, child: Child) -> Updated:
    signer = folder / "list-signers" / f"{listed.signer}.signer"
    if not listed.source.startswith(("http://", "https://")):
        return Updated(listed.source, "same", len(listed.services), listed.next_update)
    try:
        return add_list(folder, listed.source, fetch(listed.source, b""), signer.read_bytes(), child)
    except SohoaError as error:
        return Updated(listed.source, error.code, len(listed.services), listed.next_update)


def _update_crl(folder: Path, url: str, fetch: Fetch) -> Updated:
    """Kept under the address's name, so that a newer list takes the place of the older one; never the other way round."""
    target = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:16]}.crl"
    try:
        content = fetch(url, b"")
    except SohoaError as error:
        return Updated(url, error.code)
    found = [der for kind, der in read_items(content) if kind == "crl"]
    if not found:
        return Updated(url, "trust_not_certificate")
    new, old = list_window(found[0]), list_window(target.read_bytes()) if target.is_file() else None
    if new is None or (old is not None and new[0] < old[0]):
        return Updated(url, "trusted_list_older")
    target.write_bytes(found[0])
    return Updated(url, "same" if old == new else "new", next_update=_day(new[1]))


def _day(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
