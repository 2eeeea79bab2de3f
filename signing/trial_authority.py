"""The trial authority's public side on the loopback interface: CRLs, issuers' certificates and OCSP over HTTP.

with trial_authority(folder) as url:
    pki = trial_pki(folder, url)        # its certificates name this address
    fetch = EvidenceClient(NetworkClient(NetworkRules(loopback=True)))

The responder is one that the authority named for this (RFC 6960 §4.2.2.2), made anew whenever the block is entered.
"""

from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from signing.trial import TrialPki, open_authority
from signing.trial_server import Answering, serving

_LARGEST_REQUEST = 1 << 16
_OCSP = "/ocsp"
_MEDIA_TYPES = {".crl": "application/pkix-crl", ".crt": "application/pkix-cert"}


@contextmanager
def trial_authority(folder: Path, port: int = 0) -> Iterator[str]:
    """Its address, as long as the block lasts; `folder` is a trial PKI's and may be made after the address is known."""
    responder = _Responder(folder)

    class Handler(Answering):
        def do_GET(self) -> None:
            if self.path.startswith(_OCSP + "/"):
                self._send(responder.answer(_decoded(self.path.removeprefix(_OCSP + "/"))), "application/ocsp-response")
            else:
                self._send(_published(folder, self.path), _MEDIA_TYPES.get(Path(self.path).suffix, "text/plain"))

        def do_POST(self) -> None:
            asked = self.asked(_LARGEST_REQUEST) if self.path == _OCSP else b""
            self._send(responder.answer(asked), "application/ocsp-response")

        def _send(self, answer: bytes | None, media_type: str) -> None:
            self.answer(200 if answer else 404, answer or b"", media_type)

    with serving(Handler, port) as url:
        yield url


def _published(folder: Path, path: str) -> bytes | None:
    """A CRL, or an authority's certificate in DER."""
    name = path.lstrip("/")
    if name not in ("root.crl", "agency-ca.crl", "root.crt", "agency-ca.crt"):
        return None
    content = (folder / "trust" / name).read_bytes()
    return x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER) if name.endswith(".crt") else content


def _decoded(path: str) -> bytes:
    """The request in a GET (RFC 6960, appendix A.1)."""
    try:
        return b64decode(unquote(path), validate=True)
    except ValueError:
        return b""


class _Responder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _pki(self) -> TrialPki:
        return TrialPki(self._folder, (self._folder / "passphrase").read_bytes())

    @cached_property
    def _own(self) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate, x509.Certificate]:
        """(key, certificate, the authority that named it)."""
        ca_key, ca = open_authority(self._pki, "ca")
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "SOHOA OCSP THỬ NGHIỆM"), x509.NameAttribute(NameOID.COUNTRY_NAME, "VN")])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(ca.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=365))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=False)
            .add_extension(x509.OCSPNoCheck(), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        return key, certificate, ca

    def answer(self, asked: bytes) -> bytes | None:
        """The DER answer to a DER request on a certificate of the agency authority; None for what is no request."""
        try:
            request = ocsp.load_der_ocsp_request(asked)
            key, certificate, ca = self._own
            known = self._certificates.get(request.serial_number)
        except (ValueError, UnsupportedAlgorithm):
            return None
        if known is None:
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(Encoding.DER)
        revoked = known.serial_number == self._revoked
        now = datetime.now(UTC).replace(microsecond=0)
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=known,
            issuer=ca,
            algorithm=request.hash_algorithm,
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(seconds=1),
            next_update=now + timedelta(hours=1),
            revocation_time=ca.not_valid_before_utc if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, certificate).certificates([certificate])
        for extension in request.extensions:
            if isinstance(extension.value, x509.OCSPNonce):
                builder = builder.add_extension(extension.value, critical=False)
        return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)

    @cached_property
    def _revoked(self) -> int:
        return open_authority(self._pki, "officer-revoked")[1].serial_number

    @cached_property
    def _certificates(self) -> dict[int, x509.Certificate]:
        """Every certificate of the agency authority by its serial number."""
        stored = [path for path in self._folder.glob("*.p12") if path.stem not in ("ca", "root")]
        loaded = [pkcs12.load_key_and_certificates(path.read_bytes(), self._pki.passphrase)[1] for path in stored]
        return {one.serial_number: one for one in loaded if one is not None}
