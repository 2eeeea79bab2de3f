from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.certificate import check_certificate, common_name
from signing.keyholder import KeyProcess
from signing.model import Facts, Trust
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.trial import TrialPki, trial_pki
from sohoa.child import Child
from sohoa.errors import SohoaError


def der(pki: TrialPki, name: str) -> bytes:
    _, certificate, _ = pkcs12.load_key_and_certificates(pki.identity(name).path.read_bytes(), pki.passphrase)
    assert certificate is not None
    return certificate.public_bytes(serialization.Encoding.DER)


def self_made(
    key: object,
    now: datetime,
    usage: dict[str, bool] | None = None,
    subject: str = "Tự ký (THỬ NGHIỆM)",
    purposes: tuple[x509.ObjectIdentifier, ...] = (),
) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, subject)] if subject else [])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).serial_number(1).public_key(key.public_key())  # type: ignore[attr-defined]
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    if usage is not None:
        every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        rest = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        builder = builder.add_extension(x509.KeyUsage(**{use: usage.get(use, False) for use in (*every, *rest)}), critical=True)
    if purposes:
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder.sign(key, algorithm).public_bytes(serialization.Encoding.DER)  # type: ignore[arg-type]


def test_a_sound_officer_may_sign(pki: TrialPki, now: datetime) -> None:
    check_certificate(der(pki, "officer"), (), now, pki.as_trust())


def test_an_expired_certificate_is_refused(pki: TrialPki, now: datetime) -> None:
    with pytest.raises(SohoaError, match="certificate_expired"):
        check_certificate(der(pki, "officer-expired"), (), now)


def test_a_certificate_of_tomorrow_is_refused_today(pki: TrialPki, now: datetime) -> None:
    with pytest.raises(SohoaError, match="certificate_not_yet_valid"):
        check_certificate(der(pki, "officer"), (), now - timedelta(days=10))


def test_a_revoked_certificate_is_refused(pki: TrialPki, now: datetime) -> None:
    with pytest.raises(SohoaError, match="identity_revoked"):
        check_certificate(der(pki, "officer-revoked"), (), now, pki.as_trust())


def test_a_revocation_list_of_another_authority_revokes_nobody(pki: TrialPki, now: datetime, tmp_path: Path) -> None:
    stranger = trial_pki(tmp_path / "other").as_trust()
    trust = pki.as_trust()
    check_certificate(der(pki, "officer-revoked"), (), now, Trust(trust.anchors, trust.intermediates, stranger.crls))


def test_a_chain_to_another_root_is_refused(pki: TrialPki, now: datetime, tmp_path: Path) -> None:
    stranger = trial_pki(tmp_path / "other").as_trust()
    with pytest.raises(SohoaError, match="certificate_not_trusted"):
        check_certificate(der(pki, "officer"), pki.as_trust().intermediates, now, Trust(stranger.anchors))


def test_a_missing_intermediate_breaks_the_chain_and_a_given_one_mends_it(pki: TrialPki, now: datetime) -> None:
    trust = pki.as_trust()
    with pytest.raises(SohoaError, match="certificate_not_trusted"):
        check_certificate(der(pki, "officer"), (), now, Trust(trust.anchors))
    check_certificate(der(pki, "officer"), trust.intermediates, now, Trust(trust.anchors))


def test_a_certificate_for_encryption_only_is_refused(now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    with pytest.raises(SohoaError, match="certificate_not_for_signing"):
        check_certificate(self_made(key, now, {"key_encipherment": True}), (), now)
    check_certificate(self_made(key, now, {"content_commitment": True}), (), now)
    check_certificate(self_made(key, now, None), (), now)


def test_a_certificate_for_machines_only_is_refused(now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    machines = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.TIME_STAMPING)
    with pytest.raises(SohoaError, match="certificate_not_for_signing"):
        check_certificate(self_made(key, now, {"digital_signature": True}, purposes=machines), (), now)
    for person in (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH, x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")):
        check_certificate(self_made(key, now, {"digital_signature": True}, purposes=(*machines, person)), (), now)


@pytest.mark.parametrize("subject", ["", " "])
def test_a_certificate_that_names_nobody_is_refused(subject: str, now: datetime) -> None:
    with pytest.raises(SohoaError, match="certificate_without_subject"):
        check_certificate(self_made(ec.generate_private_key(ec.SECP256R1()), now, subject=subject), (), now)


@pytest.mark.parametrize(
    "make",
    [lambda: rsa.generate_private_key(65537, 1024), lambda: ec.generate_private_key(ec.SECP192R1())],  # noqa: S505 - weak on purpose
    ids=["rsa-1024", "p-192"],
)
def test_a_weak_key_is_refused(make: Callable[[], object], now: datetime) -> None:
    key = make()
    with pytest.raises(SohoaError, match="key_too_weak"):
        check_certificate(self_made(key, now), (), now)


def test_a_kind_of_key_the_law_does_not_list_is_refused(now: datetime) -> None:
    with pytest.raises(SohoaError, match="certificate_not_for_signing"):
        check_certificate(self_made(ed25519.Ed25519PrivateKey.generate(), now), (), now)


def test_what_is_no_certificate_is_refused(now: datetime) -> None:
    with pytest.raises(SohoaError, match="identity_unreadable"):
        check_certificate(b"nothing", (), now)


def test_a_refused_certificate_signs_nothing(born_digital: Path, tmp_path: Path, pki: TrialPki, child: Child, now: datetime) -> None:
    with KeyProcess(pki.identity("officer-expired"), pki.passphrase) as holder, pytest.raises(SohoaError, match="certificate_expired"):
        sign_file(born_digital, tmp_path / "s.pdf", holder, load_profile("invisible"), "b", child, None, Facts(now))
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_names_a_date_and_no_person(pki: TrialPki, now: datetime) -> None:
    with pytest.raises(SohoaError) as refused:
        check_certificate(der(pki, "officer-expired"), (), now)
    assert "Ví Dụ" in common_name(der(pki, "officer-expired"))
    assert "Ví Dụ" not in f"{refused.value} {refused.value.message}"
    assert "/20" in refused.value.message.vi
