import asyncio
import base64
import dataclasses
import shutil
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pikepdf
import pytest
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto.x509 import Certificate
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation, ades_with_time_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge,
    PdfSignatureValidationSpec,
    RevinfoOnlineFetchingRule,
    RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

from signing.certify import Certification, Signatory, certify_copy
from signing.evidence import weigh
from signing.keyholder import KeyProcess
from signing.longterm import Evidence
from signing.model import Digest, Facts, KeyHolder, Mechanism, SignedFile, Trust
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.tasks import PRELOAD, Weigh
from signing.timestamp import TimestampClient
from signing.trial import TrialPki
from sohoa.child import Child, Limits
from sohoa.errors import SohoaError
from sohoa.fetching import EvidenceClient

Sign = Callable[..., SignedFile]


@pytest.fixture
def sign(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, tsa: TimestampClient, now: datetime, anchored: Trust,
    fetch: EvidenceClient,
) -> Sign:  # fmt: skip
    """Sign with everything at hand, unless the test says otherwise."""

    def run(level: str, source: Path = born_digital, holder: KeyHolder = officer, name: str = "s.pdf", **more: object) -> SignedFile:
        given = {"trust": anchored, "fetch": fetch, "timestamp": tsa, "child": child, **more}
        return sign_file(source, tmp_path / name, holder, load_profile("cv7197"), level, facts=Facts(now), **given)  # type: ignore[arg-type]

    return run


class Nobody:
    """A fetch to which nobody answers, and which counts how often it was used."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str, request: bytes = b"") -> bytes:
        self.asked.append(url)
        raise SohoaError("net_failed")


def stored(path: Path, key: str) -> list[bytes]:
    with pikepdf.open(path) as pdf:
        return [stream.read_bytes() for stream in pdf.Root.get("/DSS", pikepdf.Dictionary()).get(key, pikepdf.Array())]


def judged(path: Path, pki: TrialPki, long_term: bool) -> list[str]:
    """What an independent AdES validator says of each signature, offline, with the evidence that the file holds."""
    known = LocalKnowledge(
        known_certs=[Certificate.load(der) for der in stored(path, "/Certs")],
        known_ocsps=[one for der in stored(path, "/OCSPs") for one in OCSPContainer.load_multi(asn1_ocsp.OCSPResponse.load(der))],
        known_crls=[CRLContainer(asn1_crl.CertificateList.load(der)) for der in stored(path, "/CRLs")],
    )
    policy = CertValidationPolicySpec(
        trust_manager=SimpleTrustManager.build([Certificate.load(pki.as_trust().anchors[0])]),
        revinfo_policy=CertRevTrustPolicy(REQUIRE_REVINFO),
    )
    local = RevocationInfoGatheringSpec(RevinfoOnlineFetchingRule.LOCAL_ONLY)
    spec = SignatureValidationSpec(policy, local, local_knowledge=known)
    found = []
    with path.open("rb") as file:
        for one in PdfFileReader(file).embedded_regular_signatures:
            if long_term:
                # The validator reads the store of the file itself.
                own = PdfSignatureValidationSpec(dataclasses.replace(spec, local_knowledge=LocalKnowledge()))
                result = asyncio.run(ades_lta_validation(one, own))
            else:
                result = asyncio.run(ades_with_time_validation(one.signed_data, spec, raw_digest=one.compute_digest()))
            found.append(str(result.ades_subindic))
    return found


def test_the_evidence_in_an_lt_file_is_enough_for_an_independent_validator(sign: Sign, pki: TrialPki) -> None:
    assert judged(sign("lt").path, pki, long_term=False) == ["AdESPassed.OK"]


def test_the_evidence_in_an_lta_file_is_enough_for_an_independent_validator(sign: Sign, pki: TrialPki) -> None:
    signed = sign("lta")
    assert judged(signed.path, pki, long_term=True) == ["AdESPassed.OK"]
    with signed.path.open("rb") as file:
        stamps = PdfFileReader(file).embedded_timestamp_signatures
    assert len(stamps) == 1


def test_a_b_t_file_has_no_evidence_and_does_not_pass_where_it_is_required(sign: Sign, pki: TrialPki) -> None:
    signed = sign("t")
    assert stored(signed.path, "/Certs") == []
    assert judged(signed.path, pki, long_term=False) != ["AdESPassed.OK"]


@pytest.mark.parametrize("level", ["lt", "lta"])
def test_the_reported_hash_is_that_of_the_file_and_earlier_bytes_stay(level: str, sign: Sign, born_digital: Path) -> None:
    from hashlib import sha256

    signed = sign(level)
    content = signed.path.read_bytes()
    assert signed.sha256 == sha256(content).hexdigest()
    assert content.startswith(born_digital.read_bytes())
    assert signed.level == level


def test_each_signature_finds_its_evidence_by_the_name_the_standard_gives_it(sign: Sign) -> None:
    from hashlib import sha1

    signed = sign("lt")
    with pikepdf.open(signed.path) as pdf:
        (key,) = pdf.Root.DSS.VRI.keys()
        value = bytes(pdf.Root.AcroForm.Fields[0].V.Contents)
    assert key == "/" + sha1(value.hex().upper().encode()).hexdigest().upper()  # noqa: S324 - the standard's own name of an entry


def test_a_pdf_a_copy_stays_pdf_a(sign: Sign, pdf_a: Path, verapdf: Callable[[Path], list[str]]) -> None:
    signed = sign("lta", pdf_a)
    with pikepdf.open(signed.path) as pdf:
        assert "/DSS" in pdf.Root
        stamp = pdf.Root.AcroForm.Fields[-1]
        assert [float(value) for value in stamp.Rect] == [0, 0, 0, 0]  # such a field needs no appearance (ISO 19005-2 §6.3.3)
    assert verapdf(signed.path) == []


def test_without_an_answer_nothing_is_delivered_as_long_term(sign: Sign, tmp_path: Path) -> None:
    for level in ("lt", "lta"):
        for nothing in (Nobody(), None):
            with pytest.raises(SohoaError, match="certificate_status_unknown"):
                sign(level, fetch=nothing)
    assert list(tmp_path.iterdir()) == []


def test_when_only_the_timestamps_evidence_lacks_the_code_says_whose(
    sign: Sign, fetch: EvidenceClient, officer: KeyProcess, child: Child, anchored: Trust, tmp_path: Path
) -> None:
    """The signer's own answers are at hand; for the authority of the timestamp nobody answers."""
    own = Evidence(anchored, fetch).with_certificates(officer.chain)
    assert own.status(officer.certificate, child) == "good"
    with pytest.raises(SohoaError, match="evidence_missing") as refused:
        sign("lt", trust=own.trust, fetch=Nobody())
    assert refused.value.facts == {"what": "CRL/OCSP (TSA)"}
    assert list(tmp_path.iterdir()) == []


def test_a_failed_document_timestamp_delivers_nothing(sign: Sign, tsa: TimestampClient, tmp_path: Path) -> None:
    asked: list[bytes] = []

    def once(request: bytes) -> bytes:
        asked.append(request)
        return tsa(request) if len(asked) == 1 else b"no token"

    with pytest.raises(SohoaError, match="tsa_failed"):
        sign("lta", timestamp=once)
    assert len(asked) == 2
    assert list(tmp_path.iterdir()) == []


def test_files_that_were_handed_in_are_enough(sign: Sign, pki: TrialPki) -> None:
    """CRLs and intermediates from a folder, no network at all."""
    signed = sign("lta", trust=pki.as_trust(), fetch=None)
    assert signed.certificate_status == "good"
    assert judged(signed.path, pki, long_term=True) == ["AdESPassed.OK"]
    assert stored(signed.path, "/OCSPs") == []


def test_a_list_delivered_as_text_is_stored_as_the_standard_wants_it(sign: Sign, pki: TrialPki) -> None:
    def text(der: bytes) -> bytes:
        return b"-----BEGIN X509 CRL-----\n" + base64.encodebytes(der) + b"-----END X509 CRL-----\n"

    given = pki.as_trust()
    signed = sign("lt", trust=replace(given, crls=tuple(map(text, given.crls))), fetch=None)
    assert set(stored(signed.path, "/CRLs")) == set(given.crls)


def test_a_list_is_taken_when_no_responder_answers(sign: Sign, fetch: EvidenceClient, pki: TrialPki) -> None:
    def lists_only(url: str, request: bytes = b"") -> bytes:
        if request:
            raise SohoaError("net_time")
        return fetch(url)

    signed = sign("lta", fetch=lists_only)
    assert stored(signed.path, "/OCSPs") == []
    assert judged(signed.path, pki, long_term=True) == ["AdESPassed.OK"]


@dataclass(frozen=True)
class Leaf:
    """A key holder that knows its own certificate and nothing above it, as those of many tokens do."""

    holder: KeyProcess
    chain: tuple[bytes, ...] = ()

    @property
    def certificate(self) -> bytes:
        return self.holder.certificate

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        return self.holder.sign(attributes, mechanism, digest)


def test_an_issuer_nobody_brought_along_is_had_where_the_certificate_says(sign: Sign, officer: KeyProcess, pki: TrialPki) -> None:
    given = pki.as_trust()
    signed = sign("lta", holder=Leaf(officer))
    assert judged(signed.path, pki, long_term=True) == ["AdESPassed.OK"]
    assert given.intermediates[0] in stored(signed.path, "/Certs")


def test_a_path_that_ends_at_no_anchor_of_ours_proves_nothing(sign: Sign, tmp_path: Path, born_digital: Path) -> None:
    """The stranger's own root is fetched gladly, and trusted by nobody."""
    from signing.trial import trial_pki
    from signing.trial_authority import trial_authority

    with trial_authority(tmp_path / "stranger") as url:
        stranger = trial_pki(tmp_path / "stranger", url)
        with KeyProcess(stranger.identity("officer"), stranger.passphrase) as holder:
            with pytest.raises(SohoaError, match="certificate_not_trusted"):
                sign("lt", holder=holder)
            with pytest.raises(SohoaError, match="evidence_missing") as refused:
                sign("lt", holder=holder, trust=replace(stranger.as_trust(), intermediates=()), fetch=None)
    assert refused.value.facts == {"what": "CA certificate (TSA)"}
    assert not (tmp_path / "s.pdf").exists()


@pytest.mark.parametrize("room", [40_000, 60_000])
def test_a_full_disk_while_evidence_is_written_leaves_nothing(room: int, sign: Sign, born_digital: Path, tmp_path: Path) -> None:
    """Full at the evidence, and full at the document timestamp."""
    with Child(PRELOAD, Limits(file_size=born_digital.stat().st_size + room)) as child, pytest.raises(SohoaError, match="disk_full"):
        sign("lta", child=child)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [b"", b"<html>Please log in</html>", b"0\x82\x01"])
def test_a_server_that_sends_something_else_proves_nothing(answer: bytes, sign: Sign, tmp_path: Path) -> None:
    with pytest.raises(SohoaError, match="certificate_status_unknown"):
        sign("lt", fetch=lambda url, request=b"": answer)
    assert list(tmp_path.iterdir()) == []


def test_an_answer_about_somebody_else_proves_nothing(
    sign: Sign, fetch: EvidenceClient, agency: KeyProcess, officer: KeyProcess, child: Child, anchored: Trust
) -> None:
    others = Evidence(anchored, fetch).with_certificates(agency.chain)
    assert others.status(agency.certificate, child) == "good"
    assert len(others.trust.ocsps) == 1
    assert replace(others, fetch=None).status(officer.certificate, child) == "unknown"


def test_a_stale_answer_proves_nothing(pki: TrialPki, officer: KeyProcess, child: Child, now: datetime) -> None:
    later = Evidence(pki.as_trust(), None, clock=lambda: now + timedelta(days=400))
    assert later.status(officer.certificate, child) == "unknown"


# --------------------------------------------------------------------------------------------- before signing


@pytest.mark.parametrize("level", ["b", "lta"])
def test_a_certificate_that_its_issuer_calls_revoked_signs_nothing(level: str, sign: Sign, pki: TrialPki, tmp_path: Path) -> None:
    """Neither list nor anything else but the responder's answer is at hand."""
    with (
        KeyProcess(pki.identity("officer-revoked"), pki.passphrase) as revoked,
        pytest.raises(SohoaError, match="identity_revoked"),
    ):
        sign(level, holder=revoked)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_status_is_told_at_level_b_and_refused_when_it_is_required(sign: Sign) -> None:
    assert sign("b").certificate_status == "good"
    assert sign("b", fetch=Nobody()).certificate_status == "unknown"
    assert sign("b", fetch=None).certificate_status == "not_asked"
    with pytest.raises(SohoaError, match="certificate_status_unknown"):
        sign("b", fetch=Nobody(), status_required=True)


# ------------------------------------------------------------------------------------------- several signatures


def test_the_evidence_of_a_second_signature_leaves_the_first_one_sound(sign: Sign, agency: KeyProcess, pki: TrialPki) -> None:
    first = sign("lta", name="1.pdf")
    second = sign("lta", first.path, agency, "2.pdf")
    assert second.path.read_bytes().startswith(first.path.read_bytes())
    assert judged(second.path, pki, long_term=True) == ["AdESPassed.OK"] * 2


def test_nobodys_addresses_are_asked_for_the_sake_of_earlier_signers(
    sign: Sign, agency: KeyProcess, fetch: EvidenceClient, child: Child, anchored: Trust, pki: TrialPki, tmp_path: Path
) -> None:
    """A file comes in signed by somebody whose authority nobody here knows: our own signature lasts all the same."""
    from signing.trial import trial_pki

    stranger = trial_pki(tmp_path / "stranger", "http://127.0.0.1:9")
    with KeyProcess(stranger.identity("officer"), stranger.passphrase) as holder:
        theirs = sign("b", holder=holder, name="theirs.pdf", trust=None, fetch=None)
    asked: list[str] = []

    def watched(url: str, request: bytes = b"") -> bytes:
        asked.append(url)
        return fetch(url, request)

    ours = sign("lta", theirs.path, agency, "ours.pdf", fetch=watched)
    assert judged(ours.path, pki, long_term=True)[1] == "AdESPassed.OK"
    assert asked
    assert not any(url.startswith("http://127.0.0.1:9/") for url in asked)


def test_one_document_timestamp_covers_both_signatures_of_a_certified_copy(
    pdf_a: Path, tmp_path: Path, officer: KeyProcess, agency: KeyProcess, child: Child, tsa: TimestampClient, now: datetime,
    anchored: Trust, fetch: EvidenceClient, pki: TrialPki, handwriting_png: Path, seal_png: Path,
) -> None:  # fmt: skip
    facts = Certification("0123", "01/2026", now.date(), "UBND xã Thử Nghiệm", "Nguyễn Thị Ví Dụ", "Chủ tịch", "UBND xã Thử Nghiệm")
    by, sealed = Signatory(officer, handwriting_png), Signatory(agency, seal_png)
    out = tmp_path / "c.pdf"
    copy = certify_copy(pdf_a, out, facts, by, sealed, now, child, "lta", tsa, trust=anchored, fetch=fetch)
    assert judged(copy.path, pki, long_term=True) == ["AdESPassed.OK"] * 2
    with copy.path.open("rb") as file:
        assert len(PdfFileReader(file).embedded_timestamp_signatures) == 1


# ------------------------------------------------------------------------------------------------- the machinery


@settings(max_examples=60, deadline=None)
@given(junk=st.binary(max_size=200), cut=st.integers(0, 400))
def test_whatever_is_fetched_the_child_gives_an_answer(junk: bytes, cut: int) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.derive_private_key(7, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    moment = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, moment, moment + timedelta(days=30))
    der = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    spoilt = (junk, der[:cut] + junk)
    weighed = weigh(Weigh(moment + timedelta(days=1), None, der, (), spoilt, spoilt, spoilt))
    assert not weighed.revoked


def test_what_was_fetched_serves_a_whole_batch(sign: Sign, pki: TrialPki) -> None:
    from sohoa.net import NetworkClient, NetworkRules, Response

    asked: list[str] = []

    class Counting(NetworkClient):
        def get(self, url: str, headers: object = None) -> Response:  # type: ignore[override]
            asked.append(url)
            return super().get(url)

        def post(self, url: str, body: bytes, media_type: str, headers: object = None) -> Response:  # type: ignore[override]
            asked.append(url)
            return super().post(url, body, media_type)

    client = EvidenceClient(Counting(NetworkRules(loopback=True)))
    sign("lt", fetch=client)
    once = len(asked)
    sign("lt", fetch=client)
    assert len(asked) == once > 0


def test_a_name_known_only_inside_an_authority_is_asked_elsewhere(pki: TrialPki) -> None:
    from urllib.parse import urlsplit

    from sohoa.net import NetworkClient, NetworkRules

    here = urlsplit((pki.folder / "authority").read_text()).netloc
    client = EvidenceClient(NetworkClient(NetworkRules(loopback=True)), instead={"ocsp.inside.example": here})
    assert client("http://ocsp.inside.example/root.crl") == (pki.trust / "root.crl").read_bytes()


def test_an_authority_inside_our_network_is_not_asked(pki: TrialPki) -> None:
    with pytest.raises(SohoaError, match="net_address"):
        EvidenceClient()((pki.folder / "authority").read_text() + "/root.crl")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
@pytest.mark.parametrize(("name", "status"), [("officer", "good"), ("officer-revoked", "revoked")])
def test_openssl_accepts_the_trial_responders_answer(name: str, status: str, pki: TrialPki, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

    _, own, _ = pkcs12.load_key_and_certificates(pki.identity(name).path.read_bytes(), pki.passphrase)
    assert own is not None
    (tmp_path / "own.pem").write_bytes(own.public_bytes(Encoding.PEM))
    url = (pki.folder / "authority").read_text() + "/ocsp"
    line = ["openssl", "ocsp", "-issuer", pki.trust / "agency-ca.crt", "-cert", tmp_path / "own.pem", "-url", url]
    done = subprocess.run(
        [*line, "-CAfile", pki.trust / "root.crt", "-verify_other", pki.trust / "agency-ca.crt"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"own.pem: {status}" in done.stdout
    assert "Response verify OK" in done.stderr


def test_whoever_was_silent_is_asked_again_a_minute_later_and_not_before(
    fetch: EvidenceClient, officer: KeyProcess, child: Child, anchored: Trust, now: datetime
) -> None:
    away, moment, asked = True, now, 0

    def shaky(url: str, request: bytes = b"") -> bytes:
        nonlocal asked
        asked += 1
        if away:
            raise SohoaError("net_failed")
        return fetch(url, request)

    batch = Evidence(anchored, shaky, clock=lambda: moment).with_certificates(officer.chain)
    assert batch.status(officer.certificate, child) == "unknown"
    away, silent = False, asked
    assert batch.status(officer.certificate, child) == "unknown"
    assert asked == silent
    moment += timedelta(minutes=2)
    assert batch.status(officer.certificate, child) == "good"


def test_what_a_signer_and_its_authority_need_is_asked_for_at_the_same_time(
    fetch: EvidenceClient, officer: KeyProcess, child: Child, anchored: Trust
) -> None:
    together = threading.Barrier(2, timeout=10)

    def waiting(url: str, request: bytes = b"") -> bytes:
        together.wait()
        return fetch(url, request)

    assert Evidence(anchored, waiting).with_certificates(officer.chain).status(officer.certificate, child) == "good"
