"""Attacks on the signature message itself (CMS): each rewrites what stands in /Contents and leaves the file as it is."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

CONTENTS = re.compile(rb"/Contents <([0-9A-Fa-f]+)>")
Rewrite = Callable[[Any], None]


def rewritten(data: bytes, change: Rewrite) -> bytes:
    """The file with its first message changed in place."""
    found = CONTENTS.search(data)
    assert found
    message = cms.ContentInfo.load(bytes.fromhex(found[1].decode()))
    change(message["content"])
    new = message.dump(force=True).hex().encode()
    assert len(new) <= len(found[1])
    return data[: found.start(1)] + new.ljust(len(found[1]), b"0") + data[found.end(1) :]


def signer_info(signed_data: Any) -> Any:
    return signed_data["signer_infos"][0]


def two_signers(signed_data: Any) -> None:
    signed_data["signer_infos"] = cms.SignerInfos([signer_info(signed_data), signer_info(signed_data).copy()])


def no_signer(signed_data: Any) -> None:
    signed_data["signer_infos"] = cms.SignerInfos([])


def content_inside(signed_data: Any) -> None:
    signed_data["encap_content_info"] = cms.ContentInfo({"content_type": "data", "content": core.OctetString(b"something else")})


def signature_of_zeros(signed_data: Any) -> None:
    info = signer_info(signed_data)
    info["signature"] = bytes(len(info["signature"].native))


def other_digest_named(signed_data: Any) -> None:
    signer_info(signed_data)["digest_algorithm"] = cms.DigestAlgorithm({"algorithm": "sha512"})


def attributes_taken_out(signed_data: Any) -> None:
    info = signer_info(signed_data)
    kept = {key: info[key] for key in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")}
    signed_data["signer_infos"] = cms.SignerInfos([cms.SignerInfo(kept)])


def other_content_digest(signed_data: Any) -> None:
    for attribute in signer_info(signed_data)["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            attribute["values"] = [core.OctetString(bytes(32))]


def twin_signer(key: Any, original: x509.Certificate) -> x509.Certificate:
    """A certificate with the officer's very name, number and issuer's name, under a key of the attacker's."""
    return (
        x509.CertificateBuilder().subject_name(original.subject).issuer_name(original.issuer).serial_number(original.serial_number)
        .public_key(key.public_key()).not_valid_before(original.not_valid_before_utc).not_valid_after(original.not_valid_after_utc)
        .sign(key, hashes.SHA256())
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [two_signers, no_signer, content_inside, signature_of_zeros, other_digest_named, attributes_taken_out, other_content_digest],
    ids=lambda f: f.__name__,
)
def test_a_rewritten_message_is_never_valid(judge, signed: bytes, change: Rewrite) -> None:
    verdict = judge(rewritten(signed, change))
    assert verdict.verdict != "valid"
    assert verdict.integrity in ("altered", "unknown")


def test_a_certificate_of_the_same_name_and_number_does_not_stand_in_for_the_signer(judge, signed: bytes, keys) -> None:
    key = rsa.generate_private_key(65537, 2048)

    def swapped(signed_data: Any) -> None:
        twin = twin_signer(key, keys("officer")[1]).public_bytes(serialization.Encoding.DER)
        attributes = signer_info(signed_data)["signed_attrs"].untag().dump()
        signer_info(signed_data)["signature"] = key.sign(attributes, padding.PKCS1v15(), hashes.SHA256())
        signer_info(signed_data)["signature_algorithm"] = cms.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        signed_data["certificates"] = cms.CertificateSet([cms.CertificateChoices.load(twin)])

    verdict = judge(rewritten(signed, swapped))
    assert verdict.verdict != "valid"
    assert verdict.signatures[0].verdict != "valid"


def test_a_timestamp_copied_from_another_signature_proves_nothing(judge, sign, paper: bytes, write) -> None:
    stamped = sign(paper, stamped=True)
    other = sign(write("Một văn bản khác"), stamped=True)
    found = CONTENTS.search(other)
    assert found
    theirs = cms.ContentInfo.load(bytes.fromhex(found[1].decode()))["content"]["signer_infos"][0]["unsigned_attrs"]

    def copied(signed_data: Any) -> None:
        signer_info(signed_data)["unsigned_attrs"] = theirs

    verdict = judge(rewritten(stamped, copied))
    assert verdict.verdict != "valid"
    assert verdict.signatures[0].proven_time is None


def test_a_timestamp_of_nobodys_is_told_and_proves_nothing(judge, sign, paper: bytes, pki, tmp_path) -> None:
    from signing.trial import trial_pki

    foreign = type(sign)(trial_pki(tmp_path / "foreign"))
    stamped = sign(paper, stamped=True)
    theirs = CONTENTS.search(foreign(paper, stamped=True))
    assert theirs
    token = cms.ContentInfo.load(bytes.fromhex(theirs[1].decode()))["content"]["signer_infos"][0]["unsigned_attrs"][0]["values"][0]
    assert tsp.TSTInfo.load(token["content"]["encap_content_info"]["content"].parsed.dump())["gen_time"].native

    def replaced(signed_data: Any) -> None:
        signer_info(signed_data)["unsigned_attrs"][0]["values"] = [token]

    assert judge(rewritten(stamped, replaced)).signatures[0].proven_time is None


def test_a_weak_digest_is_never_valid(judge, sign, paper: bytes) -> None:
    verdict = judge(sign(paper, md="sha1"))
    assert verdict.verdict == "indeterminate"
    assert (verdict.reason_code, verdict.sub_indication) == ("algorithm_weak", "CRYPTO_CONSTRAINTS_FAILURE")
