"""Digital signatures with keys that belong to nobody, the same on every run.

The keys come from primes counted up from a fixed seed: they are public by design and protect nothing. RSA PKCS #1 v1.5
(RFC 8017, 8.2) has no chance in it, and the time of signing is fixed; so the signed files are reproducible.
"""

import asyncio
import hashlib
import io
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from random import Random
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from msgspec import Struct
from PIL import Image
from pyhanko.pdf_utils import generic, layout
from pyhanko.pdf_utils.images import PdfImage
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigAppearanceSetup, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from samples import people
from samples.paper import A4_MM, MM, Box

VIETNAM = timezone(timedelta(hours=7))
AGENCY = "Ủy ban nhân dân xã Hương Mẫu"
_FROM, _UNTIL = datetime(2025, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
_ROOT_NAME = "Gốc chứng thực mẫu (không có giá trị)"
_BITS = 2048


class Signature(Struct, frozen=True):
    """A signature to be made: who, when, where on which page (from 0; points from the top left), with which picture.

    `pades` chooses ETSI.CAdES.detached; else adbe.pkcs7.detached, which older office software writes.
    """

    field: str
    signer: str
    time: datetime
    page: int
    box: Box
    picture: Image.Image
    pades: bool


def root_certificate() -> bytes:
    """The trust anchor of all signed samples, PEM."""
    return _root().public_bytes(serialization.Encoding.PEM)


def sign_pdf(pdf: bytes, signatures: list[Signature]) -> bytes:
    """The PDF with the signatures added one after the other, each in a revision of its own."""
    for signature in signatures:
        pdf = _add(pdf, signature)
    return pdf


def said(signature: Signature) -> dict[str, Any]:
    """What the truth says of a signature."""
    return {
        "field": signature.field,
        "signer": signature.signer,
        "claimed_time": signature.time.isoformat(),
        "sub_filter": "ETSI.CAdES.detached" if signature.pades else "adbe.pkcs7.detached",
        "page": signature.page + 1,
        "box": [round(edge, 1) for edge in signature.box],
    }


class _Reproducible(IncrementalPdfFileWriter):
    """A writer that takes its file identifier from the bytes before it, and no date from the clock.

    pyHanko offers no public way to set either; both overridden methods are its own.
    """

    @classmethod
    def _handle_id(cls, prev: Any) -> Any:
        prev.stream.seek(0)
        second = hashlib.sha256(prev.stream.read()).digest()[:16]
        first = bytes(prev.trailer["/ID"][0].original_bytes) if "/ID" in prev.trailer else second
        return generic.ArrayObject([generic.ByteStringObject(first), generic.ByteStringObject(second)])

    def _update_meta(self) -> None:
        pass


def _add(pdf: bytes, signature: Signature) -> bytes:
    writer = _Reproducible(io.BytesIO(pdf))
    height = A4_MM[1] * MM
    x0, y0, x1, y1 = signature.box
    corners = (round(x0), round(height - y1), round(x1), round(height - y0))
    field = SigFieldSpec(signature.field, on_page=signature.page, box=corners)
    embedding = PdfCMSEmbedder(new_field_spec=field).write_cms(signature.field, writer)
    next(embedding)
    style = StaticStampStyle(
        border_width=0,
        background=PdfImage(signature.picture, name=signature.field),
        background_layout=layout.SimpleBoxLayoutRule(layout.AxisAlignment.ALIGN_MID, layout.AxisAlignment.ALIGN_MID),
    )
    kind = SigSeedSubFilter.PADES if signature.pades else SigSeedSubFilter.ADOBE_PKCS7_DETACHED
    place = SignatureObject(signature.time, kind, location="Hương Mẫu", bytes_reserved=12288)
    embedding.send(SigObjSetup(place, appearance_setup=SigAppearanceSetup(style, signature.time, name=None)))
    digest, output = embedding.send(SigIOSetup(md_algorithm="sha256", output=io.BytesIO()))
    attributes = PdfCMSSignedAttributes(signing_time=signature.time)
    signed = _signer(signature.signer).async_sign(
        digest.document_digest, "sha256", use_pades=signature.pades, signed_attr_settings=attributes
    )
    embedding.send(asyncio.run(signed))
    return bytes(output.getvalue())


@cache
def _signer(name: str) -> SimpleSigner:
    """The signer of that name with its certificate: a person by identity number, an agency by budget code."""
    identity = {people.CHAIRMAN: f"CCCD:{people.CHAIRMAN_ID}", AGENCY: "MNS:9990001"}[name]
    key = _key(name)
    subject = _name(name, identity)
    certificate = _certificate(subject, key, _root().subject, _key(_ROOT_NAME), authority=False)
    der = serialization.Encoding.DER
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    store: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register(asn1_x509.Certificate.load(_root().public_bytes(der)))
    return SimpleSigner(
        signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(der)),
        signing_key=asn1_keys.PrivateKeyInfo.load(private),
        cert_registry=store,
    )


@cache
def _root() -> x509.Certificate:
    subject = _name(_ROOT_NAME, None)
    return _certificate(subject, _key(_ROOT_NAME), subject, _key(_ROOT_NAME), authority=True)


def _certificate(
    subject: x509.Name, key: rsa.RSAPrivateKey, issuer: x509.Name, issuer_key: rsa.RSAPrivateKey, authority: bool
) -> x509.Certificate:
    serial = int.from_bytes(hashlib.sha256(subject.public_bytes()).digest()[:12], "big")
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    return builder.sign(issuer_key, hashes.SHA256())


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str, identity: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"), x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if identity:
        parts.insert(1, x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, "Hưng Yên"))
        parts.append(x509.NameAttribute(NameOID.USER_ID, identity))
    return x509.Name(parts)


@cache
def _key(name: str) -> rsa.RSAPrivateKey:
    chance = Random(f"samples:{name}")
    p, q = _prime(chance), _prime(chance)
    exponent = 65537
    d = rsa.rsa_recover_private_exponent(exponent, p, q)
    public = rsa.RSAPublicNumbers(exponent, p * q)
    numbers = rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public)
    return numbers.private_key()


def _prime(chance: Random) -> int:
    """The next prime after a number of half the key's length; one less is no multiple of the exponent 65537."""
    half = _BITS // 2
    candidate = chance.getrandbits(half) | (3 << (half - 2)) | 1
    while not (candidate % 65537 != 1 and all(candidate % small for small in _SMALL) and _probably_prime(candidate, chance)):
        candidate += 2
    return candidate


_SMALL = [n for n in range(3, 2000, 2) if all(n % k for k in range(3, int(n**0.5) + 1, 2))]


def _probably_prime(number: int, chance: Random, rounds: int = 24) -> bool:
    """Miller and Rabin's test."""
    twos = ((number - 1) & -(number - 1)).bit_length() - 1
    odd = (number - 1) >> twos
    for _ in range(rounds):
        x = pow(chance.randrange(2, number - 1), odd, number)
        if x in (1, number - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % number
            if x == number - 1:
                break
        else:
            return False
    return True
