"""What a portal may ask for, once for both of its doors: the HTTP interface and the Celery tasks call these functions.

Each takes plain arguments and returns what goes into JSON; a file that cannot be processed raises SohoaError.
"""

import json
from collections.abc import Callable
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from pipeline.certify import Office, by_settings, certify, confirm_checklist, describe, read_original
from pipeline.media import sniff
from pipeline.sign_check import sign_checked
from signing.model import VIETNAM, Algorithm, Facts, KeyHolder, Level
from signing.profiles import load_profile
from signing.sign import Manner
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from sohoa.fetching import evidence_client, signing_client
from sohoa.settings import Settings
from storage.objects import Objects
from storage.register import Register
from verification.model import verdict_json
from verification.online import verify_online
from verification.policy import load_policy
from verification.tasks import Verify, verify_in_child


class Key(Protocol):
    """A signing identity that is open on this machine."""

    @property
    def name(self) -> str: ...
    @property
    def holder(self) -> KeyHolder: ...
    @property
    def timestamp(self) -> Callable[[bytes], bytes] | None: ...
    @property
    def profile(self) -> str: ...
    @property
    def trial(self) -> bool: ...
    @property
    def algorithm(self) -> Algorithm: ...


class Keys(Struct, frozen=True):
    """The keys that this machine holds, by name."""

    at_hand: dict[str, Key]

    def get(self, name: str) -> Key:
        """The key called `name`; raises SohoaError key_not_here."""
        try:
            return self.at_hand[name]
        except KeyError:
            raise SohoaError("key_not_here") from None


def verify_upload(file: Path, policy: str, child: Child, settings: Settings, shown: str) -> dict[str, Any]:
    """The verdict on a file, as `sohoa verify --json` prints it; `shown` is what it calls the file.

    Raises SohoaError request_invalid for a policy that does not exist.
    """
    if "/" in policy or "\\" in policy:
        raise SohoaError("request_invalid", where="policy")
    try:
        load_policy(policy)
    except UsageError:
        raise SohoaError("request_invalid", where="policy") from None
    request = Verify(str(file), trust=settings.trust.folder or None, policy=policy)
    fetch = evidence_client(settings.verify)
    if fetch is None:
        return verdict_json(verify_in_child(child, request), shown)
    with TemporaryDirectory(prefix="sohoa-evidence-") as evidence:
        return verdict_json(verify_online(child, request, fetch, Path(evidence), settings.verify.cancellations), shown)


def sign_upload(source: Path, target: Path, key: Key, level: str, profile: str, child: Child, settings: Settings) -> dict[str, Any]:
    """Sign the PDF `source` into `target`, and let our own verifier see it before it gets its name.

    Returns `{sha256, field, level, certificate_status, trial, verdict}`. Raises SohoaError file_type_unknown, output_not_sound,
    and what signing raises.
    """
    if sniff(source) != "application/pdf":
        raise SohoaError("capture_not_pdf")
    try:
        grade = msgspec.convert(level, Level)
    except msgspec.ValidationError:
        raise SohoaError("request_invalid", where="level") from None
    if grade != "b" and key.timestamp is None:
        raise UsageError("timestamp_missing")
    shown = _profile(profile or key.profile or "officer_scan")
    now = datetime.now(VIETNAM)
    target.parent.mkdir(parents=True, exist_ok=True)
    facts = Facts(signed_at=now, captured_at=now)
    manner = Manner(shown, grade, key.algorithm, key.timestamp if grade != "b" else None)
    trust, fetch = settings.trust.folder or "", signing_client(settings.timestamp)
    signed, verdict = sign_checked(source, target, key.holder, manner, facts, child, trust, fetch)
    return {
        "sha256": signed.sha256,
        "field": signed.field,
        "level": grade,
        "certificate_status": signed.certificate_status,
        "trial": key.trial,
        "verdict": verdict_json(verdict, target.name),
    }


class Certifying(Struct, frozen=True):
    """What certifying needs beyond its arguments: the office's book, the store of released copies, the two keys, and the key of
    the printed QR seal where the settings name one."""

    register: Register
    objects: Objects
    keys: Keys
    seal: KeyHolder | None = None


def certify_upload(
    capture: Path,
    out: Path,
    original: dict[str, Any],
    checklist: dict[str, bool],
    certifier: str,
    agency: str,
    with_: Certifying,
    child: Child,
    settings: Settings,
) -> dict[str, Any]:
    """An electronic certified copy of the PDF `capture` into the folder `out`, as `sohoa certify --json` reports it.

    `original` holds the facts of the paper original, `checklist` the confirmed items (NĐ 23/2015/NĐ-CP Điều 22). The same
    capture with the same facts is one copy with one number, however often it is asked for.
    """
    first, second = with_.keys.get(certifier), with_.keys.get(agency)
    with TemporaryDirectory(prefix="sohoa-certify-") as folder:
        # JSON is YAML: the officer's files and the portal's arguments are read by the same functions.
        facts, ticked = Path(folder) / "original.yaml", Path(folder) / "checklist.yaml"
        facts.write_bytes(msgspec.json.encode(original))
        ticked.write_bytes(msgspec.json.encode(checklist))
        try:
            stated = read_original(facts)
            confirm_checklist(ticked)
        except UsageError:
            raise SohoaError("request_invalid", where="original, checklist") from None
        office = Office(
            register=with_.register,
            objects=with_.objects,
            child=child,
            certifier=first.holder,
            agency=second.holder,
            trust=settings.trust.folder,
            level=settings.certify.level,
            timestamp=first.timestamp,
            seal=with_.seal,
            algorithms=(first.algorithm, second.algorithm),
        )
        return {**describe(certify(capture, stated, out, by_settings(office, settings))), "trial": first.trial or second.trial}


def fields_of(document_json: Path) -> dict[str, Any]:
    """What a paper says: the form, its fields and the checks, out of the `document.json` that was delivered."""
    content = json.loads(document_json.read_bytes())
    return {key: content.get(key) for key in ("template", "template_version", "fields", "checks")}


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _profile(name: str) -> Any:
    if "/" in name or "\\" in name:
        raise SohoaError("request_invalid", where="profile")
    try:
        return load_profile(name)
    except UsageError:
        raise SohoaError("request_invalid", where="profile") from None
