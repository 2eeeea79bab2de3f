"""Long-term evidence is judged twice; the second engine may take "valid" away, and nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from lxml import etree
from msgspec.structs import replace
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from signing.trial import open_authority
from verification.certified_copy import CopyFindings
from verification.etsi_report import report_xml
from verification.facts import gather
from verification.findings import finding
from verification.judge import judge as weigh
from verification.model import SecondOpinion, SignatureVerdict
from verification.policy import load_policy
from verification.second_opinion import with_second_opinion
from verification.trusting import assess
from verification.verify import verify

LONG = timedelta(days=4 * 365)  # after the trial officer's certificate, before the time-stamping authority's
Lists = Callable[..., tuple[bytes, ...]]


@pytest.fixture(scope="module")
def long_term(sign, paper) -> bytes:
    return sign(paper, long_term=True)


@pytest.fixture(scope="module")
def unarchived(sign, paper) -> bytes:
    """Level B-LT: evidence, and no document timestamp."""
    return sign(paper, long_term=True, archived=False)


@pytest.fixture(scope="module")
def lists(pki) -> Lists:
    """Both authorities' revocation lists as of a later day."""

    def listed(at: datetime, revoked: str = "", since: datetime | None = None) -> tuple[bytes, ...]:
        made = []
        for name in ("root", "ca"):
            key, issuer = open_authority(pki, name)
            new = x509.CertificateRevocationListBuilder().issuer_name(issuer.subject).last_update(at).next_update(at + timedelta(days=30))
            if revoked and name == "ca":
                number = open_authority(pki, revoked)[1].serial_number
                entry = x509.RevokedCertificateBuilder().serial_number(number).revocation_date(since or at).build()
                new = new.add_revoked_certificate(entry)
            made.append(new.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))
        return tuple(made)

    return listed


def check_of(signature: SignatureVerdict) -> str:
    return next(c.result for c in signature.checks if c.code == "second_opinion")


def test_long_term_evidence_is_judged_by_a_second_engine(judge, long_term) -> None:
    verdict = judge(long_term)
    signature = verdict.signatures[0]
    assert (verdict.verdict, check_of(signature)) == ("valid", "passed")
    assert signature.second_opinion and signature.second_opinion.indication == "TOTAL-PASSED"
    assert signature.second_opinion.best_signature_time == signature.proven_time


def test_evidence_without_a_document_timestamp_satisfies_the_second_engine_as_of_today(judge, unarchived) -> None:
    verdict = judge(unarchived)
    signature = verdict.signatures[0]
    assert (verdict.verdict, signature.level, check_of(signature)) == ("valid", "B-LT", "passed")
    assert signature.second_opinion == SecondOpinion("TOTAL-PASSED", None, signature.proven_time)


def test_a_revocation_since_then_sends_the_second_engine_the_long_way(unarchived, trust, lists) -> None:
    later = datetime.now(UTC) + timedelta(days=60)
    store = replace(trust, crls=lists(later, "officer", later - timedelta(days=5)))
    verdict = verify(unarchived, store, now=later + timedelta(days=1))
    assert verdict.verdict == "valid"
    assert verdict.signatures[0].second_opinion == SecondOpinion("INDETERMINATE", "NO_POE")


def test_so_does_a_certificate_that_has_expired(unarchived, trust, lists) -> None:
    later = datetime.now(UTC) + LONG
    verdict = verify(unarchived, replace(trust, crls=lists(later)), now=later + timedelta(days=1))
    assert verdict.signatures[0].second_opinion == SecondOpinion("INDETERMINATE", "NO_POE")


def test_nobody_is_asked_where_no_long_term_evidence_stands(judge, sign, paper, signed) -> None:
    for data in (signed, sign(paper, stamped=True)):
        (signature,) = judge(data).signatures
        assert signature.second_opinion is None


def test_a_signature_outlives_its_certificate_in_both_engines_eyes(long_term, trust, lists) -> None:
    later = datetime.now(UTC) + LONG
    verdict = verify(long_term, replace(trust, crls=lists(later)), now=later + timedelta(days=1))
    assert (verdict.verdict, check_of(verdict.signatures[0])) == ("valid", "passed")


def test_what_the_second_engine_merely_cannot_confirm_weighs_nothing(long_term, trust) -> None:
    verdict = verify(long_term, replace(trust, crls=()), now=datetime.now(UTC) + LONG)
    signature = verdict.signatures[0]
    assert (verdict.verdict, check_of(signature)) == ("valid", "not_made")
    assert signature.second_opinion == SecondOpinion("INDETERMINATE", "NO_POE")


def test_a_revocation_after_the_proven_time_is_understood_by_both(long_term, trust, lists) -> None:
    later = datetime.now(UTC) + timedelta(days=60)
    store = replace(trust, crls=lists(later, "officer", later - timedelta(days=5)))
    verdict = verify(long_term, store, now=later + timedelta(days=1))
    assert (verdict.verdict, check_of(verdict.signatures[0])) == ("valid", "passed")


def test_a_revocation_before_the_signing_is_never_valid(long_term, trust, lists) -> None:
    later = datetime.now(UTC) + timedelta(days=60)
    store = replace(trust, crls=lists(later, "officer", later - timedelta(days=61)))
    verdict = verify(long_term, store, now=later + timedelta(days=1))
    assert (verdict.verdict, verdict.reason_code) == ("invalid", "signer_certificate_revoked")


def test_a_broken_archive_timestamp_is_never_valid_after_the_certificate_has_expired(long_term, trust, lists) -> None:
    at = long_term.rindex(b"/Contents <") + 11 + 2 * 3000
    broken = long_term[:at] + (b"0" if long_term[at : at + 1] != b"0" else b"1") + long_term[at + 1 :]
    later = datetime.now(UTC) + LONG
    verdict = verify(broken, replace(trust, crls=lists(later)), now=later + timedelta(days=1))
    assert verdict.verdict != "valid"
    assert all(s.verdict != "valid" for s in verdict.signatures if s.kind == "timestamp")


def test_an_engine_that_stumbles_has_answered(judge, long_term) -> None:
    writer = IncrementalPdfFileWriter(BytesIO(long_term), strict=False)
    evidence = writer.root["/DSS"]
    evidence["/CRLs"].append(writer.add_object(generic.StreamObject(stream_data=b"no list at all")))
    writer.update_container(evidence["/CRLs"])
    out = BytesIO()
    writer.write(out)
    verdict = judge(out.getvalue())
    assert (verdict.verdict, check_of(verdict.signatures[0])) == ("valid", "not_made")
    assert verdict.signatures[0].second_opinion == SecondOpinion("INDETERMINATE", None)


@pytest.mark.parametrize("grave", ["HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED"])
def test_a_grave_contradiction_takes_valid_away(long_term, trust, grave) -> None:
    facts, policy, now = gather(long_term), load_policy("signature"), datetime.now(UTC)
    first, *others = assess(facts, trust, policy, now)
    said = finding("second_opinion", False, indication="TOTAL-FAILED", sub_indication=grave)
    doubted = replace(first, findings=(*first.findings, said))
    verdict = weigh(facts, (doubted, *others), policy, trust.version, now, CopyFindings())
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "second_opinion_differs")


def test_a_policy_may_leave_the_second_engine_out(long_term, trust) -> None:
    policy = load_policy("signature")
    alone = replace(policy, limits={**policy.limits, "second_opinion_seconds": 0})
    facts, now = gather(long_term), datetime.now(UTC)
    trusted = assess(facts, trust, alone, now)
    assert with_second_opinion(long_term, facts, trusted, trust, alone, now) is trusted
    assert with_second_opinion(long_term, facts, trusted, trust, policy, now)[0].second_opinion


def test_the_standard_report_holds_what_the_second_engine_said(long_term, trust) -> None:
    verdict = verify(long_term, replace(trust, crls=()), now=datetime.now(UTC) + LONG)
    report = etree.fromstring(report_xml(verdict, "a.pdf"))
    constraints = report.iterfind(".//{*}ValidationConstraint")
    (second,) = [c for c in constraints if c.findtext("{*}ValidationConstraintIdentifier") == "urn:sohoa:check:second_opinion"]
    assert second.findtext(".//{*}MainIndication") == "urn:etsi:019102:mainindication:indeterminate"
    assert second.findtext(".//{*}SubIndication") == "urn:etsi:019102:subindication:NO_POE"
