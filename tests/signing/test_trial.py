import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.timestamp import TimestampClient
from signing.trial import TrialPki, trial_pki
from sohoa.errors import SohoaError

LEAVES = ("officer", "officer-ec", "officer-expired", "officer-revoked", "agency", "tsa")


def leaf(pki: TrialPki, name: str) -> x509.Certificate:
    _, certificate, _ = pkcs12.load_key_and_certificates(pki.identity(name).path.read_bytes(), pki.passphrase)
    assert certificate is not None
    return certificate


def test_every_name_says_that_it_is_made_up(pki: TrialPki) -> None:
    certificates = [leaf(pki, name) for name in LEAVES]
    certificates += [x509.load_pem_x509_certificate(path.read_bytes()) for path in pki.trust.glob("*.crt")]
    for certificate in certificates:
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert "THỬ NGHIỆM" in str(name.value)


def test_subjects_are_laid_out_as_vietnamese_certificates_are(pki: TrialPki) -> None:
    for name, prefix in (("officer", "CCCD:"), ("agency", "MST:")):
        subject = leaf(pki, name).subject
        (number,) = subject.get_attributes_for_oid(x509.ObjectIdentifier("0.9.2342.19200300.100.1.1"))
        (country,) = subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
        assert str(number.value).startswith(prefix)
        assert country.value == "VN"


def test_keys_and_passphrase_are_readable_by_their_owner_alone(pki: TrialPki) -> None:
    for path in (pki.folder / "passphrase", *pki.folder.glob("*.p12")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_private_key_lies_beside_the_anchors(pki: TrialPki) -> None:
    assert {path.name for path in pki.trust.iterdir()} == {"root.crt", "agency-ca.crt", "root.crl", "agency-ca.crl"}


def test_openssl_builds_the_chain_and_finds_the_revoked_officer(pki: TrialPki, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding

    lists = b"".join(x509.load_der_x509_crl(path.read_bytes()).public_bytes(Encoding.PEM) for path in pki.trust.glob("*.crl"))
    (tmp_path / "crls.pem").write_bytes(lists)

    def verify(name: str) -> str:
        (tmp_path / "leaf.pem").write_bytes(leaf(pki, name).public_bytes(Encoding.PEM))
        line = ["openssl", "verify", "-crl_check_all", "-CAfile", pki.trust / "root.crt", "-untrusted", pki.trust / "agency-ca.crt"]
        done = subprocess.run(
            [*line, "-CRLfile", tmp_path / "crls.pem", tmp_path / "leaf.pem"], capture_output=True, text=True, check=False
        )
        return done.stdout + done.stderr

    assert "OK" in verify("officer")
    assert "OK" in verify("agency")
    assert "revoked" in verify("officer-revoked")
    assert "expired" in verify("officer-expired")


def test_the_time_stampers_one_purpose_is_critical(pki: TrialPki) -> None:
    usage = leaf(pki, "tsa").extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]


def test_opening_again_keeps_the_keys_and_renews_the_lists(tmp_path: Path) -> None:
    first = trial_pki(tmp_path)
    before = leaf(first, "officer")
    old = x509.load_der_x509_crl((first.trust / "agency-ca.crl").read_bytes())
    again = trial_pki(tmp_path)
    new = x509.load_der_x509_crl((again.trust / "agency-ca.crl").read_bytes())
    assert leaf(again, "officer") == before
    assert again.passphrase == first.passphrase
    assert new.last_update_utc >= old.last_update_utc
    assert new.get_revoked_certificate_by_serial_number(leaf(again, "officer-revoked").serial_number) is not None


def test_openssl_accepts_the_responders_answer(pki: TrialPki, tsa: TimestampClient, tmp_path: Path) -> None:
    document = tmp_path / "data"
    document.write_bytes(b"content")
    query, reply = tmp_path / "q.tsq", tmp_path / "r.tsr"
    subprocess.run(["openssl", "ts", "-query", "-data", document, "-sha256", "-cert", "-out", query], check=True, capture_output=True)
    reply.write_bytes(tsa(query.read_bytes()))
    line = ["openssl", "ts", "-verify", "-queryfile", query, "-in", reply, "-CAfile", pki.trust / "root.crt"]
    done = subprocess.run([*line, "-untrusted", pki.trust / "agency-ca.crt"], capture_output=True, text=True, check=False)
    assert "Verification: OK" in done.stdout + done.stderr


def test_the_responder_tells_the_time_of_now(tsa: TimestampClient) -> None:
    from signing.finish import token
    from signing.timestamp import timestamp_request

    request = timestamp_request(b"x")
    stated = token(request, tsa(request))["content"]["encap_content_info"]["content"].parsed
    assert isinstance(stated, tsp.TSTInfo)
    assert abs((datetime.now(UTC) - stated["gen_time"].native).total_seconds()) < 5


def test_the_responder_refuses_sha_1(tsa: TimestampClient) -> None:
    from signing.finish import token

    imprint = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": b"\x00" * 20}
    request = tsp.TimeStampReq({"version": 1, "message_imprint": imprint, "cert_req": True}).dump()
    with pytest.raises(SohoaError, match="tsa_failed"):
        token(request, tsa(request))
