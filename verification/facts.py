"""What can be known of a file without trusting anybody: the facts that every policy judges.

The facts hold the evidence the file brings (certificates, revocation answers, timestamps) as bytes, so that they can be
judged again later, under another policy or another trust list, without opening the file a second time.
"""

import itertools
from datetime import datetime
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from verification.algorithms import digest_of
from verification.bounds import bounded
from verification.changes import Step, step_between
from verification.cms import Message, read_message, read_token
from verification.covering import Place, covered_page
from verification.digests import RangeDigests
from verification.evidence import Evidence, evidence_of
from verification.findings import Finding, finding
from verification.graph import Graph
from verification.model import Box, Coverage
from verification.pdf_time import pdf_time
from verification.raw import RawFile, RawSignature, ends_revision, only_space, revision_ends, scan
from verification.second_reader import readers_agree
from verification.tokens import skip_space
from verification.view import FormSignature, Reference, View, annotations_of, box_on, corner, docmdp_of

_LARGEST_MESSAGE = 32 << 20


class SignatureFacts(Struct, frozen=True):
    """One signature or document timestamp. `stamps` are its signature timestamps, checked against it.

    `reachable`: a field or /Perms of its own revision leads to it; `removed`: a later revision cut that way.
    """

    raw: RawSignature
    message: Message
    coverage: Coverage
    field: str | None
    reachable: bool | None
    removed: bool
    docmdp: int | None
    form: FormSignature | None
    stamps: tuple[Message, ...] = ()
    steps: tuple[Step, ...] = ()

    @property
    def is_timestamp(self) -> bool:
        """A document timestamp (ETSI.RFC3161), whether or not it carries `/Type /DocTimeStamp`."""
        return self.raw.subfilter == "ETSI.RFC3161"

    @property
    def claimed_time(self) -> datetime | None:
        """The signing time the signer states: in the message, else in the dictionary."""
        return self.message.claimed_time or pdf_time(self.raw.signing_time)


class FileFacts(Struct, frozen=True):
    """The whole file. `problem`: not_pdf, pdf_encrypted, pdf_damaged or None.

    `covered_page`: a page where a later signature stands over words or ink. `readers_agree`: two readers see the same pages.
    """

    sha256: str
    raw: RawFile
    problem: str | None
    repaired: bool
    pages: int | None
    ends: tuple[int, ...]
    signatures: tuple[SignatureFacts, ...] = ()
    placeholders: int = 0
    unseen_signatures: int = 0
    evidence: Evidence = field(default_factory=Evidence)
    covered_page: int | None = None
    readers_agree: bool | None = None
    findings: tuple[Finding, ...] = ()

    def revision_of(self, end: int) -> int:
        """The number of the revision that ends at `end`, from 1."""
        return sum(1 for other in self.ends if other < end - 2) + 1


@bounded()
def gather(data: bytes) -> FileFacts:
    """Look at `data` once and write down everything that judging needs. Never raises for any input bytes."""
    digests = RangeDigests(data)
    raw = scan(data)
    if raw.header_at < 0:
        return FileFacts(digests.whole(), raw, "not_pdf", False, None, ())
    views = _Views(data)
    last = views.at(len(data))
    signatures = tuple(
        _signature_facts(data, sig, digests, views) for sig in sorted(raw.signatures, key=lambda s: s.gap) if not sig.placeholder
    )
    pages = last.pages()
    ends = revision_ends(data) or (len(data),)
    facts = FileFacts(
        sha256=digests.whole(),
        raw=raw,
        problem=last.problem,
        repaired=last.repaired,
        pages=len(pages) if last.problem is None else None,
        ends=ends,
        signatures=signatures,
        readers_agree=readers_agree(data, last) if signatures else None,
        placeholders=sum(1 for sig in raw.signatures if sig.placeholder),
        unseen_signatures=_unseen(data, last, raw),
        evidence=evidence_of(last, [s.message for s in signatures] + [t for s in signatures for t in s.stamps]),
    )
    facts = replace(facts, signatures=_with_steps(data, facts, views))
    facts = replace(facts, signatures=_with_coverings(data, facts, last))
    facts = replace(facts, covered_page=covered_page(data, _later_places(facts, last)))
    return replace(facts, findings=_file_findings(data, facts))


class _Views:
    """The revisions of one file, each opened once."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._open: dict[int, View] = {}

    def at(self, end: int) -> View:
        if end < len(self._data) and only_space(self._data, end):
            end = len(self._data)
        if end not in self._open:
            self._open[end] = View(self._data, end)
        return self._open[end]


def _signature_facts(data: bytes, raw: RawSignature, digests: RangeDigests, views: _Views) -> SignatureFacts:
    if raw.problem or len(raw.contents) > _LARGEST_MESSAGE:
        form = _leading_to(data, raw, views.at(len(data)))
        return SignatureFacts(
            raw, Message(problem="cms_unreadable"), "unclear", form.field if form else None, form is not None, False, None, form
        )
    start, stop, end = raw.ranges[1], raw.ranges[2], raw.end
    message = read_message(
        raw.contents,
        lambda name: digests.around(name, start, stop, end),
        lambda: data[:start] + data[stop:end],
        raw.subfilter,
        (raw.certificate,) if raw.certificate else (),
    )
    view = views.at(end)
    form = _leading_to(data, raw, view)
    last = views.at(len(data))
    removed = form is not None and last.problem is None and _leading_to(data, raw, last) is None
    return SignatureFacts(
        raw=raw,
        message=message,
        coverage=_coverage(data, end),
        field=form.field if form else None,
        reachable=None if view.problem else form is not None,
        removed=removed,
        docmdp=_docmdp(view, raw),
        form=form,
        stamps=tuple(
            read_token(token, lambda name: digest_of(name, message.signature), message.certificates) for token in message.timestamps
        ),
    )


def _leading_to(data: bytes, raw: RawSignature, view: View) -> FormSignature | None:
    """The form's way to this very dictionary: same object, at the same place in the file."""
    for candidate in view.form_signatures():
        if candidate.reference == (raw.number, raw.generation) and _stands_at(data, candidate, raw):
            return candidate
    return None


def _stands_at(data: bytes, candidate: FormSignature, raw: RawSignature) -> bool:
    """Offsets may point at the white space in front of an object; readers skip it."""
    return candidate.place is not None and skip_space(data, candidate.place) == raw.object_at


def _docmdp(view: View, raw: RawSignature) -> int | None:
    value = view.object((raw.number, raw.generation))
    try:
        return None if value is None or raw.direct else docmdp_of(value)
    except Exception:  # noqa: BLE001 - an odd /Reference grants the least
        return 1


def _coverage(data: bytes, end: int) -> Coverage:
    if only_space(data, end) and data.rfind(b"%%EOF", 0, end) >= 0:
        return "whole_file" if ends_revision(data, end) else "partial"
    return "whole_revision" if ends_revision(data, end) else "partial"


def _unseen(data: bytes, view: View, raw: RawFile) -> int:
    """Signature values of the form whose `/ByteRange` the raw look did not meet: in an object stream, or disguised."""
    count = 0
    for found in view.form_signatures():
        if any(found.reference == (sig.number, sig.generation) and _stands_at(data, found, sig) for sig in raw.signatures):
            continue
        value = view.object(found.reference)
        inner = value.get("/V") if found.direct and value is not None else value
        count += inner is not None and ("/ByteRange" in inner or len(bytes(inner.get("/Contents", b"")).strip(b"\0")) > 0)
    return count


def _with_steps(data: bytes, facts: FileFacts, views: _Views) -> tuple[SignatureFacts, ...]:
    """Give every signature the steps that came after it; each step between two signed states is compared once."""
    ends = sorted({s.raw.end for s in facts.signatures if s.coverage in ("whole_file", "whole_revision") and s.reachable})
    if not ends:
        return facts.signatures
    if not only_space(data, ends[-1]):
        ends.append(len(data))
    owners = {s.raw.end: (s.raw.number, s.raw.generation) for s in facts.signatures}
    graphs: list[Graph] = []
    last = Graph(views.at(ends[-1]))
    for end in ends:
        graphs.append(Graph(views.at(end), graphs[-1] if graphs else None, last))
    steps = [
        step_between(before, after, facts.revision_of(end), owners.get(end))
        for (before, after), end in zip(itertools.pairwise(graphs), ends[1:], strict=True)
    ]
    return tuple(
        replace(s, steps=tuple(step for step, before in zip(steps, ends, strict=False) if before >= s.raw.end)) for s in facts.signatures
    )


def _with_coverings(data: bytes, facts: FileFacts, view: View) -> tuple[SignatureFacts, ...]:
    """What was drawn over words or ink of a page is no annotation but another page: evil annotation attack (Mladenov et al. 2021)."""
    drawn = {f for s in facts.signatures for step in s.steps for f in step.found if f.code in ("drawing_added", "drawing_changed")}
    if not drawn:
        return facts.signatures
    pages = view.pages()
    places = {f: Place(f.page, f.box, corner(pages[f.page - 1])) for f in drawn if f.page and f.box and f.page <= len(pages)}
    covering = {found for found, place in places.items() if covered_page(data, [place]) is not None}

    def told(step: Step) -> Step:
        return replace(step, found=tuple(replace(f, code="page_covered") if f in covering else f for f in step.found))

    return tuple(replace(s, steps=tuple(told(step) for step in s.steps)) for s in facts.signatures)


def _later_places(facts: FileFacts, view: View) -> list[Place]:
    """Where signatures that came after another one show themselves."""
    steps = {step.revision: step for s in facts.signatures for step in s.steps}
    found = [f for step in steps.values() for f in step.found if f.code in ("signature_added", "timestamp_added")]
    pages = view.pages()
    places = [Place(f.page, f.box, corner(pages[f.page - 1])) for f in found if f.page and f.box and f.page <= len(pages)]
    signers = {s.form.widget for s in facts.signatures if s.form and s.form.widget}
    visible = {number: _visible_boxes(pages[number - 1], signers) for number in {place.page for place in places}}
    return [replace(place, beside=_before(visible[place.page], place.box)) for place in places]


def _visible_boxes(page: Any, signers: set[Reference]) -> tuple[Box, ...]:
    """The boxes of this page's visible signatures; annotations stand in order of addition."""
    boxes = [box_on(page, item) for item in annotations_of(page) if item.objgen in signers]
    return tuple(b for b in boxes if b and b[2] - b[0] > 1 and b[3] - b[1] > 1)


def _before(visible: tuple[Box, ...], box: Box) -> tuple[Box, ...]:
    return visible[: visible.index(box)] if box in visible else visible[:1]


def _file_findings(data: bytes, facts: FileFacts) -> tuple[Finding, ...]:
    covered = max((s.raw.end for s in facts.signatures if not s.raw.problem), default=0)
    return (
        finding("file_header", facts.raw.header_at == 0),
        finding("byte_ranges_accounted", facts.raw.unaccounted == 0, count=facts.raw.unaccounted),
        finding("signatures_in_plain_bytes", facts.unseen_signatures == 0, count=facts.unseen_signatures),
        finding("nothing_after_end", facts.raw.trailing == 0 or covered >= len(data), bytes=facts.raw.trailing),
        *([finding("readers_agree", facts.readers_agree)] if facts.signatures else []),
        finding("later_signature_covers_text", facts.covered_page is None, page=facts.covered_page or 0),
        finding("file_structure", None if facts.problem else not facts.repaired),
    )
