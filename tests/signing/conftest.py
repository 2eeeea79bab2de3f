"""A trial authority, key holders and real files, made once for the whole folder."""

import json
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw

from signing.keyholder import KeyProcess
from signing.model import VIETNAM, Identity, Trust
from signing.tasks import PRELOAD
from signing.timestamp import TimestampClient
from signing.trial import TrialPki, trial_pki
from signing.trial_authority import trial_authority
from signing.trial_server import Answering, serving
from signing.trial_tsa import trial_tsa
from sohoa.child import Child
from sohoa.fetching import EvidenceClient
from sohoa.net import NetworkClient, NetworkRules

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrialPki]:
    """A trial authority whose certificates name a server that is running."""
    folder = tmp_path_factory.mktemp("pki")
    with trial_authority(folder) as url:
        yield trial_pki(folder, url)


@pytest.fixture(scope="session")
def anchored(pki: TrialPki) -> Trust:
    """Trust in the trial root and nothing else: neither CRLs nor intermediates are at hand."""
    return Trust(pki.as_trust().anchors)


@pytest.fixture
def fetch() -> EvidenceClient:
    return EvidenceClient(NetworkClient(NetworkRules(loopback=True)))


@pytest.fixture(scope="session")
def child() -> Iterator[Child]:
    with Child(preload=PRELOAD) as running:
        yield running


@pytest.fixture(scope="session")
def officer(pki: TrialPki) -> Iterator[KeyProcess]:
    with KeyProcess(pki.identity("officer"), pki.passphrase) as holder:
        yield holder


@pytest.fixture(scope="session")
def agency(pki: TrialPki) -> Iterator[KeyProcess]:
    with KeyProcess(pki.identity("agency"), pki.passphrase) as holder:
        yield holder


@pytest.fixture(scope="session")
def tsa(pki: TrialPki) -> Iterator[TimestampClient]:
    with trial_tsa(pki) as url:
        yield TimestampClient(url, NetworkClient(NetworkRules(loopback=True)))


# (path, what was asked, the Authorization header) → (status, the answer: bytes as they are, anything else as JSON)
Reply = Callable[[str, dict[str, Any], str | None], tuple[int, object]]


@pytest.fixture(scope="session")
def json_service() -> Callable[[Reply], AbstractContextManager[str]]:
    """A service that is asked in JSON, or in forms, and answers what the function says; its address."""

    @contextmanager
    def running(reply: Reply) -> Iterator[str]:
        class Handler(Answering):
            def do_POST(self) -> None:
                body = self.asked().decode()
                form = self.headers["Content-Type"].startswith("application/x-www-form-urlencoded")
                said = {name: value[0] for name, value in parse_qs(body).items()} if form else json.loads(body)
                status, content = reply(self.path, said, self.headers.get("Authorization"))
                self.answer(status, content if isinstance(content, bytes) else json.dumps(content).encode(), "application/json")

        with serving(Handler) as url:
            yield url

    return running


@dataclass(frozen=True)
class SoftToken:
    """A real SoftHSM2 token. `store` holds its objects: without them it is a token that was pulled out."""

    module: Path
    store: Path
    configuration: Path
    pin: bytes = b"123456"

    def identity(self, key: str = "officer", label: str = "Văn thư", path: Path = Path()) -> Identity:
        return Identity("officer", path, "pkcs11", self.module, label, key)


# Run in a process of its own: the library keeps the token folder it was first loaded with.
_FILL = """
import sys
from pathlib import Path
import pkcs11
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

module, folder, passphrase, pin = sys.argv[1], Path(sys.argv[2]), sys.argv[3].encode(), sys.argv[4]
session = pkcs11.lib(module).get_token(token_label="Văn thư").open(rw=True, user_pin=pin)

def certificate(found, label, number):
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509, Attribute.TOKEN: True,
        Attribute.VALUE: found.public_bytes(Encoding.DER), Attribute.SUBJECT: found.subject.public_bytes(), Attribute.ID: number,
        Attribute.LABEL: label,
    })

for number, (label, source, more) in enumerate((
    ("officer", "officer", {}),
    ("asks each time", "agency", {Attribute.ALWAYS_AUTHENTICATE: True}),
    ("curve", "officer-ec", {}),
    ("bare", "officer-expired", {}),
), 1):
    key, own, above = pkcs12.load_key_and_certificates((folder / f"{source}.p12").read_bytes(), passphrase)
    decode, shape = (decode_ec_private_key, PrivateFormat.TraditionalOpenSSL) if source == "officer-ec" else (
        decode_rsa_private_key, PrivateFormat.TraditionalOpenSSL)
    attributes = decode(key.private_bytes(Encoding.DER, shape, NoEncryption()))
    named = {Attribute.TOKEN: True, Attribute.LABEL: label, Attribute.ID: bytes([number]), Attribute.SENSITIVE: True,
             Attribute.PRIVATE: True, Attribute.SIGN: True}
    session.create_object({**attributes, **named, **more})
    if label != "bare":
        certificate(own, label, bytes([number]))
    if label == "officer":
        for other in above:
            certificate(other, "above", b"\\xff")
"""


def make_token(folder: Path, pki: TrialPki) -> SoftToken:
    """A token with four keys made in `folder`; SOFTHSM2_CONF must name its configuration to whoever uses it."""
    libraries = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
    module = next(Path(library) for library in libraries if Path(library).is_file())
    store = folder / "tokens"
    store.mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {store}\nobjectstore.backend = file\nlog.level = ERROR\n")
    made = SoftToken(module, store, configuration)
    environment = {**os.environ, "SOFTHSM2_CONF": str(configuration)}
    line = ["softhsm2-util", "--init-token", "--free", "--label", "Văn thư", "--so-pin", "87654321", "--pin", made.pin.decode()]
    subprocess.run(line, env=environment, check=True, capture_output=True)
    arguments = [str(module), str(pki.folder), pki.passphrase.decode(), made.pin.decode()]
    subprocess.run([sys.executable, "-c", _FILL, *arguments], env=environment, check=True)
    return made


@pytest.fixture(scope="session")
def filled_token(pki: TrialPki, tmp_path_factory: pytest.TempPathFactory) -> SoftToken:
    return make_token(tmp_path_factory.mktemp("token"), pki)


@pytest.fixture
def token(filled_token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    """The token, plugged in."""
    monkeypatch.setenv("SOFTHSM2_CONF", str(filled_token.configuration))
    return filled_token


@pytest.fixture
def own_token(pki: TrialPki, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SoftToken:
    """A token that a test may pull out."""
    folder = tmp_path / "token"
    folder.mkdir()
    made = make_token(folder, pki)
    monkeypatch.setenv("SOFTHSM2_CONF", str(made.configuration))
    return made


@pytest.fixture
def now() -> datetime:
    return datetime.now(VIETNAM).replace(microsecond=0)


@pytest.fixture(scope="session")
def born_digital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two A4 pages of Vietnamese text, no PDF/A."""
    path = tmp_path_factory.mktemp("born") / "giay-moi.pdf"
    pdf = FPDF()
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    pdf.set_font("serif", size=14)
    for text in ("Kính gửi: Ủy ban nhân dân xã Thử Nghiệm", "Trang thứ hai"):
        pdf.add_page()
        pdf.cell(text=text)
    pdf.output(str(path))
    return path


@pytest.fixture(scope="session")
def pdf_a(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One page that is PDF/A-2b."""
    path = tmp_path_factory.mktemp("pdfa") / "ban-chup.pdf"
    pdf = FPDF(enforce_compliance="PDF/A-2B")
    pdf.set_title("Bản chụp thử nghiệm")
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    pdf.set_font("serif", size=14)
    pdf.add_page()
    pdf.cell(text="Giấy khai sinh (bản thử nghiệm)")
    pdf.output(str(path))
    with pikepdf.open(path, allow_overwriting_input=True) as opened:
        del opened.Root.OpenAction
        opened.save(path, deterministic_id=True)
    return path


@pytest.fixture(scope="session")
def seal_png(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A red seal in a wide transparent border."""
    path = tmp_path_factory.mktemp("seal") / "dau.png"
    image = Image.new("RGBA", (900, 1100), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((100, 150, 799, 849), outline=(210, 20, 30, 255), width=40)
    image.save(path)
    return path


@pytest.fixture(scope="session")
def handwriting_png(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A blue handwriting in a transparent border."""
    path = tmp_path_factory.mktemp("hand") / "chu-ky.png"
    image = Image.new("RGBA", (800, 400), (0, 0, 0, 0))
    curve = [(50 + i * 3.5, 200 + 120 * math.sin(i / 9) * math.cos(i / 40)) for i in range(200)]
    ImageDraw.Draw(image).line(curve, fill=(20, 30, 150, 255), width=9)
    image.save(path)
    return path
