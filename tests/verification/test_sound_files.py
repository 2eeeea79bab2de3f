"""What is sound is called so, whatever program wrote it."""

import pytest
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter

from verification.model import verdict_json
from verification.truststore import TrustStore


def test_a_signed_file_is_valid_and_intact_under_its_trust(judge, signed) -> None:
    verdict = judge(signed)
    assert (verdict.verdict, verdict.integrity, verdict.indication) == ("valid", "intact", "TOTAL-PASSED")
    (signature,) = verdict.signatures
    assert (signature.level, signature.coverage, signature.certificate_status_at_signing) == ("B-B", "whole_file", "good")
    assert "THỬ NGHIỆM" in (signature.signer or "")


def test_without_trust_the_same_file_is_undecided_but_intact(judge, signed) -> None:
    verdict = judge(signed, store=TrustStore())
    assert (verdict.verdict, verdict.integrity, verdict.reason_code) == ("indeterminate", "intact", "signer_not_trusted")
    assert verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_status_nobody_can_tell_is_never_valid(judge, trust, signed) -> None:
    verdict = judge(signed, store=TrustStore(trust.anchors, trust.intermediates))
    assert (verdict.verdict, verdict.reason_code, verdict.sub_indication) == ("indeterminate", "revocation_unknown", "TRY_LATER")


def test_a_revoked_signer_is_invalid(judge, sign, paper) -> None:
    verdict = judge(sign(paper, "officer-revoked"))
    assert (verdict.verdict, verdict.reason_code, verdict.integrity) == ("invalid", "signer_certificate_revoked", "intact")


def test_an_expired_signer_is_not_valid(judge, sign, paper) -> None:
    verdict = judge(sign(paper, "officer-expired"))
    assert verdict.verdict != "valid"
    assert verdict.reason_code in ("certificate_out_of_time", "revocation_unknown")


def test_two_signatures_in_a_row_extend_the_first_and_need_no_second_look(judge, twice) -> None:
    verdict = judge(twice)
    assert (verdict.verdict, verdict.integrity, verdict.reason_code) == ("valid", "extended", "all_valid")
    first, second = verdict.signatures
    assert (first.integrity, second.integrity) == ("extended", "intact")
    assert [change.code for change in first.changes_after if change.code != "info_touched"] == ["signature_added"]


@pytest.mark.parametrize("md", ["sha384", "sha512"])
@pytest.mark.parametrize("subfilter", [SigSeedSubFilter.PADES, SigSeedSubFilter.ADOBE_PKCS7_DETACHED])
def test_both_kinds_of_signature_and_every_allowed_digest(judge, sign, paper, md, subfilter) -> None:
    assert judge(sign(paper, md=md, subfilter=subfilter)).verdict == "valid"


def test_an_elliptic_curve_key(judge, sign, paper) -> None:
    verdict = judge(sign(paper, "officer-ec"))
    assert verdict.verdict == "valid"
    assert (verdict.signatures[0].algorithm or "").startswith("EC 256")


def test_a_timestamp_proves_the_time(judge, sign, paper) -> None:
    (signature,) = judge(sign(paper, stamped=True)).signatures
    assert (signature.level, signature.verdict) == ("B-T", "valid")
    assert signature.proven_time is not None


def test_complete_long_term_evidence_needs_nothing_but_the_root(judge, trust, sign, paper) -> None:
    verdict = judge(sign(paper, long_term=True), store=TrustStore(trust.anchors))
    assert (verdict.verdict, verdict.integrity) == ("valid", "extended")
    assert verdict.signatures[0].level == "B-LTA"


@pytest.mark.parametrize("permission", list(MDPPerm)[:3])
def test_a_certified_document_may_be_judged(judge, sign, paper, permission) -> None:
    assert judge(sign(paper, certify=permission)).integrity == "intact"


def test_an_unsigned_file_is_called_unsigned(judge, paper) -> None:
    verdict = judge(paper)
    assert (verdict.verdict, verdict.integrity, verdict.reason_code, verdict.pages) == ("unsigned", "none", "no_signature", 2)


def test_the_json_has_the_promised_keys(judge, twice) -> None:
    answer = verdict_json(judge(twice), "thư mục/a.pdf")
    assert list(answer)[:3] == ["file", "sha256", "verdict"]
    assert answer["file"] == "thư mục/a.pdf"
    assert set(answer) == {
        "file", "sha256", "verdict", "integrity", "indication", "sub_indication", "reason_code", "summary_vi", "summary_en",
        "document_class", "pages", "revisions", "seconds", "policy", "policy_version", "trust_version", "checked_at", "tool_version",
        "checks",
        "certified_copy", "qr_seal", "signatures",
    }  # fmt: skip
    assert set(answer["signatures"][0]) == {
        "field", "kind", "verdict", "integrity", "coverage", "indication", "sub_indication", "level", "signer", "issuer", "managing_unit",
        "claimed_time", "proven_time", "certificate_valid_from", "certificate_valid_to", "certificate_status_at_signing", "algorithm",
        "changes_after", "checks", "second_opinion",
    }  # fmt: skip
