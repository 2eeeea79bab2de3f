"""A trial authority, key holders and real files, made once for the whole folder."""

import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw

from signing.keyholder import KeyProcess
from signing.model import VIETNAM
from signing.tasks import PRELOAD
from signing.timestamp import TimestampClient
from signing.trial import TrialPki, trial_pki
from signing.trial_tsa import trial_tsa
from sohoa.child import Child
from sohoa.net import NetworkClient, NetworkRules

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


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
