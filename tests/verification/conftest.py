"""Signed files of every kind, made with keys of a trial authority; and `judge`, which verifies under its trust."""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12
from fpdf import FPDF
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext

from signing.trial import TrialPki, trial_pki
from verification.model import Verdict
from verification.policy import load_policy
from verification.truststore import TrustStore, load_trust
from verification.verify import verify

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def trust(pki: TrialPki) -> TrustStore:
    return load_trust(str(pki.trust))


def written(*pages: str) -> bytes:
    """A PDF with one text a page."""
    pdf = FPDF()
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    pdf.set_font("serif", size=13)
    for text in pages:
        pdf.add_page()
        pdf.multi_cell(w=0, text=text)
    return bytes(pdf.output())


@pytest.fixture(scope="session")
def write() -> Callable[..., bytes]:
    return written


@pytest.fixture(scope="session")
def paper() -> bytes:
    return written("Quyết định số 12/QĐ-UBND. Số tiền: 1.000.000 đồng.", "Trang thứ hai")


@dataclass(frozen=True)
class Signing:
    """Signs with pyHanko, which is none of the code under test."""

    pki: TrialPki

    def signer(self, name: str) -> SimpleSigner:
        found = SimpleSigner.load_pkcs12(str(self.pki.folder / f"{name}.p12"), passphrase=self.pki.passphrase)
        assert found is not None
        return found

    def made_up(self, certificate: bytes, key: bytes) -> SimpleSigner:
        """A signer with this certificate and key (DER, PKCS#8), in company of the trial authority's own certificates."""
        from asn1crypto import keys as asn1_keys
        from asn1crypto import x509 as asn1_x509
        from pyhanko_certvalidator.registry import SimpleCertificateStore

        others = [asn1_x509.Certificate.load(der) for der in self.pki.as_trust().intermediates]
        store = SimpleCertificateStore.from_certs(others)
        return SimpleSigner(asn1_x509.Certificate.load(certificate), asn1_keys.PrivateKeyInfo.load(key), store)

    def stamper(self) -> DummyTimeStamper:
        tsa = self.signer("tsa")
        return DummyTimeStamper(tsa.signing_cert, tsa.signing_key, certs_to_embed=tsa.cert_registry)

    def __call__(
        self,
        data: bytes,
        name: str | SimpleSigner = "officer",
        field: str = "Sig1",
        certify: MDPPerm | None = None,
        stamped: bool = False,
        long_term: bool = False,
        archived: bool = True,
        box: tuple[int, int, int, int] | None = None,
        subfilter: SigSeedSubFilter = SigSeedSubFilter.PADES,
        md: str = "sha256",
    ) -> bytes:
        context: dict[str, Any] = {}
        if long_term:
            trust = self.pki.as_trust()
            from asn1crypto import x509

            roots = [x509.Certificate.load(der) for der in trust.anchors]
            others = [x509.Certificate.load(der) for der in trust.intermediates]
            crls = list(trust.crls)
            checked = ValidationContext(trust_roots=roots, other_certs=others, crls=crls, allow_fetching=False, revocation_mode="require")
            context = {"validation_context": checked, "embed_validation_info": True, "use_pades_lta": archived}
        meta = PdfSignatureMetadata(
            field_name=field,
            md_algorithm=md,
            subfilter=subfilter,
            certify=certify is not None,
            docmdp_permissions=certify or MDPPerm.FILL_FORMS,
            **context,
        )
        spec = SigFieldSpec(field, on_page=0, box=box) if box else None
        holder = self.signer(name) if isinstance(name, str) else name
        signer = PdfSigner(meta, holder, timestamper=self.stamper() if stamped or long_term else None, new_field_spec=spec)
        out = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(data), strict=False))
        return bytes(out.getvalue())


@pytest.fixture(scope="session")
def sign(pki: TrialPki) -> Signing:
    return Signing(pki)


@pytest.fixture(scope="session")
def signed(sign: Signing, paper: bytes) -> bytes:
    return sign(paper)


@pytest.fixture(scope="session")
def twice(sign: Signing, signed: bytes) -> bytes:
    return sign(signed, "agency", "Sig2")


@pytest.fixture(scope="session")
def judge(trust: TrustStore) -> Callable[..., Verdict]:
    def judged(data: bytes, policy: str = "signature", store: TrustStore | None = None) -> Verdict:
        return verify(data, trust if store is None else store, load_policy(policy))

    return judged


@pytest.fixture(scope="session")
def keys(pki: TrialPki) -> Callable[[str], Any]:
    """The private key and certificates of a trial identity."""
    return lambda name: pkcs12.load_key_and_certificates((pki.folder / f"{name}.p12").read_bytes(), pki.passphrase)
