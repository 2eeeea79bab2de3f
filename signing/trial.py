"""A made-up certification authority for the demo and the tests. Nobody else must ever trust it.

The subjects are laid out as Vietnamese certificates are (UID `CCCD:…` or `MST:…`, then L, ST, C=VN), with names and
numbers that belong to nobody, and say THỬ NGHIỆM. Nothing in sohoa trusts these certificates by itself: a verifier does
so only when the folder `trust/` is named to it.

    FOLDER/trust/      root.crt (PEM), agency-ca.crt (PEM), root.crl, agency-ca.crl (DER): enough to judge offline
    FOLDER/officer.p12 agency.p12, and for tests officer-ec, officer-expired, officer-revoked .p12
    FOLDER/seal.p12    the agency's key for QR seals (ECDSA P-256)
    FOLDER/tsa.p12     the time-stamping authority of `signing.trial_tsa`
    FOLDER/ca.p12 root.p12   the authorities' own keys, to sign fresh CRLs
    FOLDER/passphrase  of every .p12, mode 0600
    FOLDER/authority   the address of `signing.trial_authority` that the certificates name, when one was wanted
"""

import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from msgspec import Struct

from signing.model import Identity, Trust

_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
_CRL_LIFE = timedelta(days=365)
_DONE = "trust/agency-ca.crl"


class TrialPki(Struct, frozen=True):
    """The folder, opened. `passphrase` opens every .p12 in it."""

    folder: Path
    passphrase: bytes

    @property
    def trust(self) -> Path:
        """The folder to hand to a verifier."""
        return self.folder / "trust"

    def identity(self, name: str) -> Identity:
        """One of officer, agency, officer-ec, officer-expired, officer-revoked, seal, tsa."""
        return Identity(name, self.folder / f"{name}.p12")

    def as_trust(self) -> Trust:
        """The anchors, intermediates and CRLs as the check before signing takes them."""

        def der(name: str) -> bytes:
            certificate = x509.load_pem_x509_certificate((self.trust / name).read_bytes())
            return certificate.public_bytes(serialization.Encoding.DER)

        return Trust((der("root.crt"),), (der("agency-ca.crt"),), tuple(path.read_bytes() for path in sorted(self.trust.glob("*.crl"))))


def trial_pki(folder: Path, authority: str = "") -> TrialPki:
    """The trial authority in `folder`, made on first use. Its CRLs are signed anew each time it is opened.

    `authority` is the address of `signing.trial_authority` to be named in the certificates, where CRLs, OCSP answers
    and issuers' certificates are had; it is written into them when they are made and stays.
    """
    if not (folder / _DONE).is_file():
        _make(folder, authority)
    pki = TrialPki(folder, (folder / "passphrase").read_bytes())
    refresh_crls(pki)
    return pki


def refresh_crls(pki: TrialPki) -> None:
    """Sign both CRLs as of now; the revoked officer stays revoked."""
    root_key, root = open_authority(pki, "root")
    ca_key, ca = open_authority(pki, "ca")
    _, revoked = open_authority(pki, "officer-revoked")
    now = _now()
    _crl(pki.trust / "root.crl", root_key, root, now, ())
    _crl(pki.trust / "agency-ca.crl", ca_key, ca, now, (revoked.serial_number,))


# ---------------------------------------------------------------------------------------------------- certificates


def _make(folder: Path, authority: str) -> None:
    trust = folder / "trust"
    trust.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    passphrase = secrets.token_urlsafe(18).encode()
    _write(folder / "passphrase", passphrase)
    if authority:
        (folder / "authority").write_text(authority)
    now = _now()
    years = timedelta(days=365)

    root_key = _rsa()
    root_name = _name([(NameOID.COMMON_NAME, "SOHOA ROOT CA THỬ NGHIỆM"), (NameOID.ORGANIZATION_NAME, "SOHOA (THỬ NGHIỆM)")])
    root = _certificate(root_key, root_name, None, now - years, now + 20 * years, _authority(1))
    ca_key = _rsa()
    ca_name = _name([(NameOID.COMMON_NAME, "SOHOA CA CƠ QUAN THỬ NGHIỆM"), (NameOID.ORGANIZATION_NAME, "SOHOA (THỬ NGHIỆM)")])
    ca = _certificate(
        ca_key, ca_name, (root_key, root), now - years, now + 10 * years, _both(_authority(0), _named(authority, "root", False))
    )
    named = _named(authority, "agency-ca", True)

    def leaf(name: str, subject: x509.Name, key: _Key, start: datetime, end: datetime, extend: "_Extend") -> None:
        certificate = _certificate(key, subject, (ca_key, ca), start, end, _both(extend, named))
        _write(folder / f"{name}.p12", _packed(name, key, certificate, [ca, root], passphrase))

    officer = _officer("Nguyễn Thị Ví Dụ (THỬ NGHIỆM)", "CCCD:000000000001")
    leaf("officer", officer, _rsa(), now - timedelta(days=1), now + 3 * years, _signer)
    leaf("officer-ec", _officer("Trần Văn Giả Định (THỬ NGHIỆM)", "CCCD:000000000002"), _ec(), now - years / 365, now + 3 * years, _signer)
    leaf("officer-expired", officer, _rsa(), now - years, now - timedelta(days=2), _signer)
    leaf("officer-revoked", officer, _rsa(), now - timedelta(days=30), now + 3 * years, _signer)
    leaf("agency", _agency(), _rsa(), now - timedelta(days=1), now + 3 * years, _signer)
    leaf("seal", _agency(), _ec(), now - timedelta(days=1), now + 3 * years, _signer)
    tsa = _name([(NameOID.COMMON_NAME, "SOHOA TSA THỬ NGHIỆM"), (NameOID.ORGANIZATION_NAME, "SOHOA (THỬ NGHIỆM)")])
    leaf("tsa", tsa, _rsa(), now - timedelta(days=1), now + 5 * years, _time_stamper)

    _write(folder / "root.p12", _packed("root", root_key, root, [], passphrase))
    _write(folder / "ca.p12", _packed("ca", ca_key, ca, [root], passphrase))
    (trust / "root.crt").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (trust / "agency-ca.crt").write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    refresh_crls(TrialPki(folder, passphrase))


def _officer(name: str, number: str) -> x509.Name:
    return _name(
        [
            (NameOID.USER_ID, number),
            (NameOID.COMMON_NAME, name),
            (NameOID.TITLE, "Chủ tịch"),
            (NameOID.ORGANIZATIONAL_UNIT_NAME, "Ủy ban nhân dân xã Thử Nghiệm"),
            (NameOID.ORGANIZATION_NAME, "Ủy ban nhân dân tỉnh Ví Dụ"),
        ]
    )


def _agency() -> x509.Name:
    return _name(
        [
            (NameOID.USER_ID, "MST:0000000000"),
            (NameOID.COMMON_NAME, "Ủy ban nhân dân xã Thử Nghiệm (THỬ NGHIỆM)"),
            (NameOID.ORGANIZATION_NAME, "Ủy ban nhân dân tỉnh Ví Dụ"),
        ]
    )


def _name(parts: list[tuple[x509.ObjectIdentifier, str]]) -> x509.Name:
    where = [(NameOID.LOCALITY_NAME, "Xã Thử Nghiệm"), (NameOID.STATE_OR_PROVINCE_NAME, "Tỉnh Ví Dụ"), (NameOID.COUNTRY_NAME, "VN")]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in (*parts, *where)])


_Extend = Callable[[x509.CertificateBuilder], x509.CertificateBuilder]


def _usage(*named: str) -> x509.KeyUsage:
    every = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    last = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
    return x509.KeyUsage(**{use: use in named for use in (*every, *last)})


def _authority(below: int) -> _Extend:
    def extend(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=below), critical=True)
        return builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)

    return extend


def _named(authority: str, issuer: str, answers: bool) -> _Extend:
    """Where the issuer's CRL, its certificate and, when it `answers`, its OCSP responder are had (RFC 5280 §4.2.1.13, §4.2.2.1)."""

    def at(path: str) -> x509.UniformResourceIdentifier:
        return x509.UniformResourceIdentifier(f"{authority.rstrip('/')}/{path}")

    def extend(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
        if not authority:
            return builder
        access = [x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, at(f"{issuer}.crt"))]
        if answers:
            access.append(x509.AccessDescription(AuthorityInformationAccessOID.OCSP, at("ocsp")))
        points = [x509.DistributionPoint([at(f"{issuer}.crl")], None, None, None)]
        builder = builder.add_extension(x509.AuthorityInformationAccess(access), critical=False)
        return builder.add_extension(x509.CRLDistributionPoints(points), critical=False)

    return extend


def _both(first: _Extend, second: _Extend) -> _Extend:
    return lambda builder: second(first(builder))


def _signer(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.add_extension(_usage("digital_signature", "content_commitment"), critical=True)


def _time_stamper(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """RFC 3161 §2.3: the one extended usage, and critical."""
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage("digital_signature", "content_commitment"), critical=True)
    return builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)


def _certificate(
    key: _Key, subject: x509.Name, issuer: tuple[_Key, x509.Certificate] | None, start: datetime, end: datetime, extend: _Extend
) -> x509.Certificate:
    issuer_key, issuer_name = (issuer[0], issuer[1].subject) if issuer else (key, subject)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return extend(builder).sign(issuer_key, hashes.SHA256())


def _crl(path: Path, key: _Key, issuer: x509.Certificate, now: datetime, serials: tuple[int, ...]) -> None:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.subject)
        .last_update(now - timedelta(minutes=1))
        .next_update(now + _CRL_LIFE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), critical=False)  # type: ignore[arg-type]
    )
    for serial in serials:
        revoked = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(issuer.not_valid_before_utc)
        reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
        builder = builder.add_revoked_certificate(revoked.add_extension(reason, critical=False).build())
    _replace(path, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER))


def _packed(name: str, key: _Key, certificate: x509.Certificate, above: list[x509.Certificate], passphrase: bytes) -> bytes:
    encryption = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(name.encode(), key, certificate, above, encryption)


def open_authority(pki: TrialPki, name: str) -> tuple[rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, x509.Certificate]:
    """The key and certificate of one .p12 of the folder."""
    key, certificate, _ = pkcs12.load_key_and_certificates((pki.folder / f"{name}.p12").read_bytes(), pki.passphrase)
    if certificate is None or not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise ValueError(f"{name}.p12 holds no usable key")
    return key, certificate


def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _write(path: Path, content: bytes) -> None:
    """A file only its owner can read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


def _replace(path: Path, content: bytes) -> None:
    part = path.with_suffix(f".{secrets.token_hex(4)}.part")
    part.write_bytes(content)
    part.replace(path)
