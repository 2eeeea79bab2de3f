"""Who signed is what the certificate says, told so that nobody is taken for somebody else."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from fpdf import FPDF
from pyhanko.sign.signers import SimpleSigner

from signing.trial import open_authority
from verification.masking import is_disguised
from verification.model import Verdict
from verification.report import report_html, report_text

TWIN = "Nguyễn Thị Ví Dụ (THỬ NGHIỆM)"
Issued = Callable[..., SimpleSigner]


@pytest.fixture(scope="module")
def issued(pki, sign) -> Issued:
    """A signer whom the trial authority gave a certificate as wished."""

    def make(name: str = TWIN, bits: int = 2048, start: int = -1, urls: tuple[str, ...] = (), by_itself: bool = False) -> SimpleSigner:
        key = rsa.generate_private_key(65537, bits)
        above_key, above = open_authority(pki, "ca")
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name, _validate=False)])
        now = datetime.now(UTC)
        new = x509.CertificateBuilder().subject_name(subject).issuer_name(subject if by_itself else above.subject)
        new = new.public_key(key.public_key()).serial_number(x509.random_serial_number())
        new = new.not_valid_before(now + timedelta(days=start)).not_valid_after(now + timedelta(days=start + 400))
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        new = new.add_extension(usage, critical=True)
        places = [x509.UniformResourceIdentifier(url) for url in urls]
        if places:
            methods = (AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS)
            access = [x509.AccessDescription(method, place) for place in places for method in methods]
            new = new.add_extension(x509.AuthorityInformationAccess(access), critical=False)
            points = [x509.DistributionPoint([place], None, None, None) for place in places]
            new = new.add_extension(x509.CRLDistributionPoints(points), critical=False)
        certificate = new.sign(key if by_itself else above_key, hashes.SHA256())
        packed = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return sign.made_up(certificate.public_bytes(serialization.Encoding.DER), packed)

    return make


def result(verdict: Verdict, code: str) -> str:
    return next(c.result for c in verdict.signatures[0].checks if c.code == code)


def test_a_certificate_that_is_not_yet_valid_is_never_valid(judge, sign, paper, issued) -> None:
    verdict = judge(sign(paper, issued(start=30)))
    assert verdict.verdict != "valid"
    assert verdict.signatures[0].certificate_status_at_signing == "not_yet_valid"


def test_a_short_key_is_never_valid(judge, sign, paper, issued) -> None:
    verdict = judge(sign(paper, issued(bits=1024)))
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "algorithm_weak")


def test_a_twin_of_the_officers_name_that_nobody_vouches_for_is_not_the_officer(judge, sign, paper, issued) -> None:
    verdict = judge(sign(paper, issued(by_itself=True)))
    assert (verdict.verdict, verdict.reason_code) == ("indeterminate", "signer_not_trusted")


@pytest.mark.parametrize(
    "name",
    ["Nguyễn Thị Ví Dụ", "UBND xã Thử Nghiệm", "Công ty TNHH ABC (Việt Nam)", "Иванов Иван", "山田 太郎 Co.", "Nguyễn Thị Ví Dụ N.º 3"],
)
def test_an_honest_name_is_no_disguise(name: str) -> None:
    assert not is_disguised(name)


DISGUISED = {
    "a Cyrillic letter": "Nguyễn Thị Ví Dụ".replace("y", "\u0443"),
    "a Greek letter": "\u039dguyễn Thị Ví Dụ",
    "an invisible letter": "Nguyễn\u200b Thị Ví Dụ",
    "a turn of direction": "\u202eụD íV ịhT nễyugN",
    "mathematical letters": "\U0001d40dguyễn Thị Ví Dụ",
    "wide letters": "\uff2eguyễn Thị Ví Dụ",
    "a terminal's codes": "Ví Dụ\x1b[2J\x1b[1;32mHỢP LỆ\x1b[0m",
}


@pytest.mark.parametrize("name", DISGUISED.values(), ids=DISGUISED.keys())
def test_a_name_that_imitates_another_is_told(judge, sign, paper, issued, name: str) -> None:
    verdict = judge(sign(paper, issued(name)))
    assert result(verdict, "signer_name_plain") == "warning"
    for report in (report_text(verdict, "a.pdf"), report_html(verdict, "a.pdf")):
        assert not set("\u200b\u202e\x1b") & set(report)


def test_a_fields_name_cannot_write_on_the_terminal(judge, sign, paper) -> None:
    verdict = judge(sign(sign(paper), "agency", "Sig\x1b[2J\u202e2"))
    assert not set("\x1b\u202e") & set(report_text(verdict, "a.pdf") + str(verdict))


def stamp(text: str) -> bytes:
    """A page that shows the picture of a signature made by program."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.cell(text="Signature valid. Signed by: " + text)
    return bytes(pdf.output())


def test_a_stamp_that_lies_changes_nothing(judge, sign, issued) -> None:
    unsigned = judge(stamp("Chu tich UBND"))
    assert (unsigned.verdict, unsigned.reason_code) == ("unsigned", "no_signature")
    other = judge(sign(stamp("Chu tich UBND"), issued("Người Khác"), box=(40, 600, 300, 700)))
    assert [s.signer for s in other.signatures] == ["Người Khác"]
    assert "Chu tich" not in report_text(other, "a.pdf")


@contextmanager
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine that writes down who asks it for what."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port, asked
    finally:
        server.shutdown()
        server.server_close()


INSIDE = (
    "http://127.0.0.1:{port}/a", "http://localhost:{port}/b", "http://2130706433:{port}/c", "http://0x7f.1:{port}/d",
    "http://[::ffff:127.0.0.1]:{port}/e", "http://169.254.169.254/latest/meta-data", "file:///etc/passwd", "gopher://127.0.0.1:{port}/f",
    "ldap://127.0.0.1:{port}/g",
)  # fmt: skip


@pytest.mark.parametrize("options", [(), ("--offline",)], ids=["online", "offline"])
def test_addresses_in_a_certificate_lead_nobody_inside(sign, paper, issued, pki, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "config.toml").write_text('[verify]\nhosts = ["*"]\n')
    file = tmp_path / "a.pdf"
    trust = tmp_path / "trust"
    trust.mkdir()
    (trust / "root.crt").write_bytes((pki.trust / "root.crt").read_bytes())
    with listener() as (port, asked):
        file.write_bytes(sign(paper, issued(urls=tuple(url.format(port=port) for url in INSIDE))))
        command = [sys.executable, "-m", "sohoa", "verify", str(file), "--trust", str(trust), "--json", *options]
        said = subprocess.run(
            command, env={"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(tmp_path)}, capture_output=True, text=True, timeout=60
        )
    assert '"verdict": "indeterminate"' in said.stdout, said.stderr
    assert asked == []
