"""A time-stamping authority on the loopback interface, for the demo and the tests (RFC 3161 over HTTP, §3.4).

with trial_tsa(pki) as url:
    timestamp = TimestampClient(url, NetworkClient(NetworkRules(loopback=True)))
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import ClassVar

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12

from signing.trial import TrialPki
from signing.trial_server import Answering, serving

_POLICY = "2.999.1.1"  # under the arc that is kept free for examples
_LARGEST_REQUEST = 1 << 16


@contextmanager
def trial_tsa(pki: TrialPki) -> Iterator[str]:
    """Its address on a free port, as long as the block lasts."""
    authority = _Authority(pki)

    class Handler(Answering):
        def do_POST(self) -> None:
            asked = self.asked(_LARGEST_REQUEST)
            answer = authority.answer(asked) if asked else None
            self.answer(200 if answer else 400, answer or b"", "application/timestamp-reply")

    with serving(Handler) as url:
        yield f"{url}/"


class Refusal(core.Sequence):  # type: ignore[misc]
    """A TimeStampResp without a token (RFC 3161 §2.4.2), which asn1crypto's own class cannot write."""

    _fields: ClassVar = [("status", tsp.PKIStatusInfo)]


class _Authority:
    def __init__(self, pki: TrialPki) -> None:
        stored = pki.identity("tsa").path.read_bytes()
        key, certificate, above = pkcs12.load_key_and_certificates(stored, pki.passphrase)
        if not isinstance(key, rsa.RSAPrivateKey) or certificate is None:
            raise ValueError("tsa.p12 holds no RSA key")
        self._key = key
        self._certificate = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        self._above = [asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in above]

    def answer(self, request: bytes) -> bytes | None:
        """The DER response to a DER request; None when it is none, a rejection when its hash is not SHA-2."""
        try:
            asked = tsp.TimeStampReq.load(request, strict=True)
            imprint = asked["message_imprint"]
            if imprint["hash_algorithm"]["algorithm"].native not in ("sha256", "sha384", "sha512"):
                return bytes(Refusal({"status": {"status": "rejection", "fail_info": {"bad_alg"}}}).dump())
            return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": self._token(asked)}).dump())
        except (ValueError, TypeError, KeyError):
            return None

    def _token(self, asked: tsp.TimeStampReq) -> cms.ContentInfo:
        stated = {
            "version": "v1",
            "policy": _POLICY,
            "message_imprint": asked["message_imprint"],
            "serial_number": secrets.randbits(63),
            "gen_time": datetime.now(UTC).replace(microsecond=0),
            "tsa": asn1_x509.GeneralName("directory_name", self._certificate.subject),
        }
        if asked["nonce"].native is not None:
            stated["nonce"] = asked["nonce"]
        content = tsp.TSTInfo(stated).dump()
        attributes = cms.CMSAttributes(
            [
                cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
                cms.CMSAttribute({"type": "message_digest", "values": [sha256(content).digest()]}),
                cms.CMSAttribute({"type": "signing_certificate_v2", "values": [self._signing_certificate()]}),
            ]
        )
        digest = algos.DigestAlgorithm({"algorithm": "sha256"})
        named = {"issuer": self._certificate.issuer, "serial_number": self._certificate.serial_number}
        signer = cms.SignerInfo(
            {
                "version": "v1",
                "sid": cms.SignerIdentifier({"issuer_and_serial_number": named}),
                "digest_algorithm": digest,
                "signed_attrs": attributes,
                "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"}),
                "signature": self._key.sign(attributes.dump(), padding.PKCS1v15(), hashes.SHA256()),
            }
        )
        signed = cms.SignedData(
            {
                "version": "v3",
                "digest_algorithms": [digest],
                "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
                "certificates": [cms.CertificateChoices("certificate", one) for one in self._certificates(asked)],
                "signer_infos": [signer],
            }
        )
        return cms.ContentInfo({"content_type": "signed_data", "content": signed})

    def _certificates(self, asked: tsp.TimeStampReq) -> list[asn1_x509.Certificate]:
        return [self._certificate, *self._above] if asked["cert_req"].native else []

    def _signing_certificate(self) -> tsp.SigningCertificateV2:
        """RFC 5035: binds the token to this very certificate."""
        hashed = sha256(self._certificate.dump()).digest()
        return tsp.SigningCertificateV2({"certs": [{"hash_algorithm": {"algorithm": "sha256"}, "cert_hash": hashed}]})
