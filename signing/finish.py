"""In the child: the last step of a signature. The CMS is put together and written into the room that was reserved.

Nothing is written unless the file still has the digest that was signed, the value fits, and a timestamp, when one was
asked for, answers this very request (RFC 3161 §2.2).
"""
# mypy: allow-untyped-calls

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, BinaryIO

from asn1crypto import algos, cms, tsp, x509
from pyhanko.sign.general import simple_cms_attribute
from pyhanko.sign.validation.generic_cms import validate_sig_integrity

from signing.algorithm import signature_algorithm
from signing.tasks import Finish, Finished, Prepared
from sohoa.errors import SohoaError

_CHUNK = 1 << 20
_GRANTED = ("granted", "granted_with_mods")


def finish(request: Finish) -> Finished:
    """Write the signature into `request.path` and flush it to the disk.

    Raises SohoaError document_changed, signature_too_large, tsa_failed.
    """
    content = _signed_data(request).dump()
    return Finished(write_contents(request.path, request.prepared, request.digest, content))


def write_contents(path: str, prepared: Prepared, digest: str, content: bytes) -> str:
    """Put `content` into the room that was prepared in `path`; gives the SHA-256 of the whole file in hex.

    Raises SohoaError document_changed, signature_too_large.
    """
    room = prepared.end - prepared.start - 2
    if 2 * len(content) > room:
        raise SohoaError("signature_too_large")
    value = b"<" + content.hex().upper().encode().ljust(room, b"0") + b">"
    with open(path, "r+b") as file:  # noqa: PTH123 - one handle is read, written and flushed
        covered, whole = _digests(file, prepared.start, prepared.end, digest, value)
        if covered != prepared.document_digest:
            raise SohoaError("document_changed")
        file.seek(prepared.start)
        file.write(value)
        file.flush()
        os.fsync(file.fileno())
    return whole.hex()


def _digests(file: BinaryIO, start: int, end: int, digest: str, value: bytes) -> tuple[bytes, bytes]:
    """(digest of the ByteRange, SHA-256 of the file once `value` stands in its gap), reading the file once."""
    whole = hashlib.sha256()
    covered = whole if digest == "sha256" else hashlib.new(digest)
    for chunk in _chunks(file, 0, start):
        whole.update(chunk)
        if covered is not whole:
            covered.update(chunk)
    covered = covered.copy()
    whole.update(value)
    for chunk in _chunks(file, end, None):
        whole.update(chunk)
        covered.update(chunk)
    return covered.digest(), whole.digest()


def _chunks(file: BinaryIO, start: int, end: int | None) -> Iterator[bytes]:
    file.seek(start)
    left = end - start if end is not None else None
    while left is None or left > 0:
        chunk = file.read(_CHUNK if left is None else min(_CHUNK, left))
        if not chunk:
            return
        if left is not None:
            left -= len(chunk)
        yield chunk


# ------------------------------------------------------------------------------------------------------------ CMS


def _signed_data(request: Finish) -> cms.ContentInfo:
    """The detached SignedData of RFC 5652 §5 with the signer's certificate and its chain."""
    certificate = _certificate(request.certificate)
    digest = algos.DigestAlgorithm({"algorithm": request.digest})
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {"issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}}
            ),
            "digest_algorithm": digest,
            "signature_algorithm": signature_algorithm(request.mechanism, request.digest),
            "signed_attrs": cms.CMSAttributes.load(request.prepared.attributes),
            "signature": request.signature,
        }
    )
    if request.timestamp:
        signer["unsigned_attrs"] = cms.CMSAttributes([simple_cms_attribute("signature_time_stamp_token", token(*request.timestamp))])
    certificates = dict.fromkeys((request.certificate, *request.chain))
    return cms.ContentInfo(
        {
            "content_type": "signed_data",
            "content": cms.SignedData(
                {
                    "version": "v1",
                    "digest_algorithms": [digest],
                    "encap_content_info": {"content_type": "data"},
                    "certificates": [cms.CertificateChoices("certificate", _certificate(der)) for der in certificates],
                    "signer_infos": [signer],
                }
            ),
        }
    )


@lru_cache(maxsize=64)
def _certificate(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)


def token(request: bytes, response: bytes) -> cms.ContentInfo:
    """The timestamp token of `response`, once it is shown to answer `request`.

    Checked: status, imprint, nonce, and the token's own signature by the certificate it carries. Whether that
    certificate is to be trusted is the verifier's question. Raises SohoaError tsa_failed.
    """
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        answered = tsp.TimeStampResp.load(response)
        if answered["status"]["status"].native not in _GRANTED:
            raise SohoaError("tsa_failed")
        found: cms.ContentInfo = answered["time_stamp_token"]
        signed = found["content"]
        content = signed["encap_content_info"]["content"]
        stated: tsp.TSTInfo = content.parsed
        same = stated["message_imprint"].dump() == asked["message_imprint"].dump() and stated["nonce"].native == asked["nonce"].native
        if not same or not _token_signed(signed, content.contents):
            raise SohoaError("tsa_failed")
        return found
    except SohoaError:
        raise
    except Exception:  # noqa: BLE001 - whatever a server sends instead of a token, it is no token
        raise SohoaError("tsa_failed") from None


def token_signer(signed: Any) -> x509.Certificate:
    """The certificate, among those a SignedData carries, that its one signer names. Raises SohoaError tsa_failed."""
    (signer,) = signed["signer_infos"]
    named = signer["sid"]
    for choice in signed["certificates"]:
        certificate = choice.chosen
        if named.name == "issuer_and_serial_number":
            hit = certificate.issuer == named.chosen["issuer"] and certificate.serial_number == named.chosen["serial_number"].native
        else:
            hit = certificate.key_identifier == named.chosen.native
        if hit:
            return certificate
    raise SohoaError("tsa_failed")


def _token_signed(signed: Any, content: bytes) -> bool:
    (signer,) = signed["signer_infos"]
    certificate = token_signer(signed)
    usage = certificate.extended_key_usage_value
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, content).digest()
    return bool(usage and "time_stamping" in usage.native and all(validate_sig_integrity(signer, certificate, "tst_info", digest)))
