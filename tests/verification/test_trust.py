"""The trust store and its folder, time and revocation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sohoa.errors import SohoaError
from verification.policy import load_policy
from verification.trustfolder import add_trust, list_trust, remove_trust
from verification.truststore import TrustStore, load_trust
from verification.verify import verify


def self_signed(name: str, organisation: str) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name), x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key()).serial_number(7)
    made = builder.not_valid_before(start).not_valid_after(start + timedelta(days=9000)).sign(key, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM)


def test_a_folder_is_read_into_anchors_intermediates_and_lists(pki, trust) -> None:
    assert (len(trust.anchors), len(trust.intermediates), len(trust.crls)) == (1, 1, 2)


def test_the_version_names_the_contents_whatever_the_file_names(pki, trust, tmp_path: Path) -> None:
    for number, file in enumerate(sorted(pki.trust.iterdir())):
        (tmp_path / f"{number}{file.suffix}").write_bytes(file.read_bytes())
    assert load_trust(str(tmp_path)).version == trust.version
    (tmp_path / "0.crl").unlink(missing_ok=True)
    next(tmp_path.iterdir()).unlink()
    assert load_trust(str(tmp_path)).version != trust.version


def test_a_crl_in_pem_counts_as_one_in_der(pki, trust, judge, signed, tmp_path: Path) -> None:
    for file in pki.trust.iterdir():
        content = file.read_bytes()
        if file.suffix == ".crl":
            content = x509.load_der_x509_crl(content).public_bytes(serialization.Encoding.PEM)
        (tmp_path / file.name).write_bytes(content)
    assert judge(signed, store=load_trust(str(tmp_path))).verdict == "valid"


def test_an_unknown_certificate_is_refused_unless_it_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "own.crt"
    file.write_bytes(self_signed("Gốc của cơ quan", "Cơ quan"))
    with pytest.raises(SohoaError, match="trust_not_pinned"):
        add_trust(tmp_path / "trust", file)
    (entry,) = add_trust(tmp_path / "trust", file, unpinned=True)
    assert (entry.role, entry.pinned) == ("root", None)
    assert [e.sha256 for e in list_trust(tmp_path / "trust")] == [entry.sha256]
    remove_trust(tmp_path / "trust", entry.sha256[:12])
    assert list_trust(tmp_path / "trust") == []


def test_a_twin_of_the_national_root_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "twin.crt"
    file.write_bytes(self_signed("Vietnam National Root CA", "Ministry of Information and Communications"))
    with pytest.raises(SohoaError, match="trust_pin_mismatch"):
        add_trust(tmp_path / "trust", file)


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.crt").write_bytes(b"hello")
    with pytest.raises(SohoaError, match="trust_not_certificate"):
        add_trust(tmp_path / "trust", tmp_path / "x.crt")


def test_a_certificate_that_expired_since_proves_nothing_without_a_timestamp(trust, signed) -> None:
    later = datetime.now(UTC) + timedelta(days=4 * 365)
    verdict = verify(signed, trust, load_policy("signature"), later)
    assert verdict.verdict == "indeterminate"
    assert verdict.sub_indication in ("OUT_OF_BOUNDS_NO_POE", "TRY_LATER")


def test_with_a_timestamp_an_expired_certificate_still_counts(trust, sign, paper) -> None:
    later = datetime.now(UTC) + timedelta(days=4 * 365)
    verdict = verify(sign(paper, stamped=True), trust, load_policy("signature"), later)
    assert (verdict.verdict, verdict.signatures[0].proven_time is not None) == ("valid", True)


def test_a_revocation_list_of_tomorrow_is_not_believed_today(trust, signed) -> None:
    yesterday = datetime.now(UTC) - timedelta(hours=20)
    assert verify(signed, trust, load_policy("signature"), yesterday).verdict != "valid"


def test_a_twin_root_with_the_same_name_is_no_anchor(trust, signed, pki) -> None:
    root = x509.load_der_x509_certificate(trust.anchors[0])
    key = ec.generate_private_key(ec.SECP256R1())
    twin = (
        x509.CertificateBuilder().subject_name(root.subject).issuer_name(root.subject).public_key(key.public_key()).serial_number(9)
        .not_valid_before(root.not_valid_before_utc).not_valid_after(root.not_valid_after_utc).sign(key, hashes.SHA256())
    )  # fmt: skip
    store = TrustStore((twin.public_bytes(serialization.Encoding.DER),), trust.intermediates, trust.crls)
    assert verify(signed, store).reason_code == "signer_not_trusted"


def test_a_stricter_policy_makes_a_strong_key_weak(trust, signed, tmp_path: Path) -> None:
    policy = tmp_path / "strict.yaml"
    policy.write_text("name: strict\nversion: 1\nlaw: own\nextends: signature\nlimits: {rsa_bits: 3072}\nchecks: {}\n")
    verdict = verify(signed, trust, load_policy(str(policy)))
    assert (verdict.verdict, verdict.sub_indication, verdict.policy) == ("indeterminate", "CRYPTO_CONSTRAINTS_FAILURE", "strict")
