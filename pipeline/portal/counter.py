"""The counter where offices hand in documents and fetch results; the HTTP interface says it in URLs and does nothing else.

An office sees what is its own and nothing more: for anything else it hears that there is no such thing. Everything here may
be repeated: a batch is found again by its idempotency key, a document by its name and bytes.
"""

import uuid
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ocr.codes import check_patterns
from ocr.export.metadata import as_object
from pipeline.again import OVER_BADLY, Wanted, reset
from pipeline.batch import exit_code, row, terms_for
from pipeline.exporting import delivered_record, packed
from pipeline.handover import deliver
from pipeline.intake import Intake
from pipeline.job import Job
from pipeline.portal.deeds import Certifying, Keys, certify_upload, sign_upload
from pipeline.portal.offices import Caller
from pipeline.portal.shapes import Wish
from pipeline.runner import Place
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.settings import Settings
from storage.audit import Audit
from storage.model import BULK, INTERACTIVE, Batch, Document
from storage.objects import pretty


class Arrived(Struct, frozen=True):
    """A file that was received whole: what its sender calls it, where it lies, its hash."""

    name: str
    path: Path
    sha256: str


class Counter:
    """`child` opens archives and verifies, `ring` wakes the workers of this process, `certifying` is None where no key is held.

    `signs` are the identities that batches can be signed with, None where workers elsewhere hold the keys.
    """

    def __init__(
        self,
        place: Place,
        settings: Settings,
        child: Child,
        keys: Keys,
        certifying: Certifying | None,
        ring: Callable[[], None],
        signs: frozenset[str] | None = None,
    ) -> None:
        self.place, self.settings, self.child, self.keys = place, settings, child, keys
        self._certifying, self._ring, self._signs = certifying, ring, signs
        self._audit = Audit(place.records.engine)

    # -------------------------------------------------------------------------------------------- batches

    def open_batch(self, who: Caller, wish: Wish, key: str) -> Batch:
        """A batch of the office; the same `key` finds the same one.

        What no worker could do is refused here: SohoaError identity_not_allowed, key_not_here, timestamp_missing.
        """
        who.may_sign_as(wish.sign)
        if wish.sign and self._signs is not None and wish.sign not in self._signs:
            raise SohoaError("key_not_here")
        if wish.sign and wish.level != "b" and not self.settings.timestamp.url:
            raise SohoaError("timestamp_missing")
        job = Job(
            out="portal",  # results go to the object store
            reader=wish.reader,
            sign=wish.sign,
            countersign=wish.countersign,
            level=wish.level,
            templates=self.settings.templates,
            exports=tuple(sorted(set(wish.exports))),
            codes=check_patterns(self.settings.codes),
            skip_rules=self.settings.skip_rules,
            size=wish.size,
            archive=wish.archive,
            most_pages=self.settings.limits.pages,
            page_seconds=self.settings.limits.page_seconds,
        )
        terms = replace(
            terms_for(job, self.settings, who.office, distributed=True),
            ring=self.place.records.shared,
            priority=INTERACTIVE if wish.priority == "interactive" else BULK,
            notify=bool(who.settings.webhook),
        )
        name = sha256(key.encode()).hexdigest()[:32] if key else uuid.uuid4().hex
        return self.batch(who, self.place.records.open_batch(f"api:{who.office}:{name}", job.encode(), terms))

    def batches(self, who: Caller, limit: int) -> list[Batch]:
        """The office's batches, the newest first."""
        return self.place.records.batches(office=who.office, limit=limit)

    def batch(self, who: Caller, id: str) -> Batch:
        """One batch; raises SohoaError not_found_here."""
        found = [batch for batch in self.place.records.batches(office=who.office, only=id) if batch.out.startswith("api:")]
        if not found:
            raise SohoaError("not_found_here")
        return found[0]

    def cancel(self, who: Caller, id: str) -> int:
        """Stop a batch for good; returns how many documents were dropped."""
        dropped = self.place.records.cancel(self.batch(who, id).id, who.office)
        self._ring()
        return dropped

    def retry_batch(self, who: Caller, id: str) -> int:
        """Try its failed and partial documents again; returns how many."""
        batch = self.batch(who, id)
        bad = [document for status in OVER_BADLY for document in self.place.records.documents(batch.id, status)]
        return self._again(who, batch.id, bad)

    # ------------------------------------------------------------------------------------------ documents

    def hand_in(self, who: Caller, batch: Batch, arrived: Sequence[Arrived]) -> list[Document]:
        """Record these files in a batch, a ZIP as its members; refused ones are documents that failed, with their code.

        Raises SohoaError batch_cancelled, quota_full.
        """
        if batch.state == "cancelled":
            raise SohoaError("batch_cancelled")
        with TemporaryDirectory(prefix="sohoa-intake-", dir=self.place.work) as folder:
            inputs = []
            for number, file in enumerate(arrived):
                named = Path(folder) / str(number) / file.name
                named.parent.mkdir()
                named.hardlink_to(file.path)
                inputs.append(named)
            intake = Intake(self.place.objects, self.settings.limits.file_megabytes << 20, self.child)
            new = [replace(one, source=one.source.removeprefix(f"{folder}/").partition("/")[2]) for one in intake.accept(inputs)]
        ids = [self.place.records.add_document(batch.id, one, again=False) for one in new]
        self._ring()
        return [self.place.records.document(id) for id in ids]

    def documents(self, who: Caller, batch: str, status: str | None, after: int, limit: int) -> list[Document]:
        """A stretch of a batch's documents."""
        return self.place.records.documents(self.batch(who, batch).id, status, after, limit)

    def document(self, who: Caller, id: str) -> Document:
        """One document; raises SohoaError not_found_here."""
        try:
            document = self.place.records.document(id)
        except KeyError:
            raise SohoaError("not_found_here") from None
        self.batch(who, document.batch)
        return document

    def retry(self, who: Caller, id: str) -> Document:
        """Work on a document again: on what failed of it, or from the start. Raises SohoaError not_over, batch_cancelled."""
        document = self.document(who, id)
        if document.status == "waiting":
            raise SohoaError("not_over")
        self._again(who, document.batch, [document])
        return self.place.records.document(id)

    def result(self, who: Caller, id: str, name: str) -> tuple[str, Path]:
        """(SHA-256, a readable file) of one result; that it was fetched stands in the audit trail.

        Raises SohoaError not_over, result_missing.
        """
        document = self.document(who, id)
        if document.status == "waiting":
            raise SohoaError("not_over")
        if name not in document.files:
            raise SohoaError("result_missing")
        sha = document.files[name]
        self._audit.append(who.office, "result.read", document.id, {"sha256": sha, "from": who.address})
        return sha, self.place.objects.path(sha)

    def metadata(self, who: Caller, id: str, format: str) -> tuple[bytes, list[str]]:
        """(the record or the package of a document, the elements that keep it from being handed over). Raises SohoaError not_over,
        result_missing."""
        document = self.document(who, id)
        self.result(who, id, "document.json")
        with TemporaryDirectory(prefix="sohoa-record-", dir=self.place.work) as folder:
            place = Path(folder) / document.name
            deliver(self.place.objects, document.files, place)
            made, delivered, facts = delivered_record(place, {**row(document), "position": document.position}, self.settings)
            if format == "edxml":
                pdf = place / ("signed.pdf" if "signed.pdf" in document.files else "document.pdf")
                content, made = packed(made, delivered, facts, pdf, f"{document.name}.pdf", self.settings)
            else:
                content = msgspec.json.encode(as_object(made))
        return content, [problem.element for problem in made.problems]

    def sign(self, who: Caller, id: str, identity: str, level: str, profile: str) -> dict[str, Any]:
        """Sign a document's PDF with a key of this machine; `signed.pdf` is among its results afterwards.

        A document signed by this identity already stays as it is. Raises SohoaError identity_not_allowed, not_over,
        not_signable, key_not_here.
        """
        who.may_sign_as(identity)
        document = self._whole(who, id)
        key = self.keys.get(identity)
        if document.summary.get("signed_as") == identity and "signed.pdf" in document.files:
            return {"sha256": document.files["signed.pdf"], "already": True}
        with TemporaryDirectory(prefix="sohoa-sign-", dir=self.place.work) as folder:
            source = self.place.objects.path(document.files.get("signed.pdf") or document.files["document.pdf"])
            target = Path(folder) / "signed.pdf"
            report = sign_upload(source, target, key, level, profile, self.child, self.settings)
            said = Path(folder) / "verification.json"
            said.write_bytes(pretty(report["verdict"]))
            new = {"signed.pdf": target, "verification.json": said}
            self._add(document, who, new, {"signed_as": identity, "verdict": report["verdict"]["verdict"]}, "signed")
        return {**report, "already": False}

    def certify(
        self, who: Caller, id: str, original: dict[str, Any], checklist: dict[str, bool], certifier: str, agency: str
    ) -> dict[str, Any]:
        """An electronic certified copy of a document's PDF; `certified.pdf` is among its results afterwards."""
        who.may_sign_as(certifier)
        who.may_sign_as(agency)
        document = self._whole(who, id)
        if self._certifying is None:
            raise SohoaError("key_not_here")
        with TemporaryDirectory(prefix="sohoa-certify-", dir=self.place.work) as folder:
            capture = Path(folder) / "capture.pdf"
            capture.write_bytes(self.place.objects.path(document.files["document.pdf"]).read_bytes())
            out = Path(folder) / "out"
            report = certify_upload(capture, out, original, checklist, certifier, agency, self._certifying, self.child, self.settings)
            number = {"number": report["number"], "year": report["year"], "book": report["book"]}
            self._add(document, who, {"certified.pdf": Path(report.pop("path"))}, {"certified": number}, "certified")
        return report

    # -------------------------------------------------------------------------------------------- helpers

    def _whole(self, who: Caller, id: str) -> Document:
        document = self.document(who, id)
        if document.status == "waiting":
            raise SohoaError("not_over")
        if document.status in OVER_BADLY or "document.pdf" not in document.files:
            raise SohoaError("not_signable")
        return document

    def _add(self, document: Document, who: Caller, more: dict[str, Path], said: dict[str, Any], what: str) -> None:
        files = document.files | {name: self.place.objects.put(path) for name, path in more.items()}
        self.place.records.amend_document(document.id, document.status, document.error_code, document.summary | said, files)
        self._audit.append(who.office, f"document.{what}", document.id, {name: files[name] for name in more})

    def _again(self, who: Caller, batch: str, documents: Sequence[Document]) -> int:
        if self.batch(who, batch).state == "cancelled":
            raise SohoaError("batch_cancelled")
        taken_in = [document for document in documents if document.sha256]  # of what was refused no bytes are kept
        reset(self.place, Wanted(batch, tuple(taken_in)), who.office)
        self._ring()
        return len(taken_in)


def batch_view(batch: Batch) -> dict[str, Any]:
    """A batch in JSON. `exit_code` is that of the command line, None while documents wait."""
    statuses = {status for status, count in batch.statuses.items() if count}
    return {
        "id": batch.id,
        "state": batch.state,
        "created": batch.created,
        "statuses": batch.statuses,
        "pages": batch.pages,
        "exit_code": None if batch.statuses.get("waiting") or not statuses else int(exit_code(statuses)),
    }


def document_view(document: Document) -> dict[str, Any]:
    """A document in JSON: its row of batch.json, its ids, and where its results are."""
    results = [
        {"name": name, "sha256": sha, "url": f"/v1/documents/{document.id}/results/{name}"} for name, sha in sorted(document.files.items())
    ]
    return {"id": document.id, "batch": document.batch, "position": document.position, **row(document), "results": results}
