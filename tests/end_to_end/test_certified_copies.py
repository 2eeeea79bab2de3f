"""An office's certified copies from the first number to the bound book, as commands: sealed, printed, scanned, cancelled."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from pipeline.certify import checklist
from samples.conditions import Shot, render, scan
from signing.trial import TrialPki, trial_pki
from storage.database import open_sqlite
from storage.register import Register

FONTS = Path(__file__).parents[2] / "sohoa" / "fonts"
OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"
NAME = "Trần Thị Bình Minh"
FACTS = f"""
title: Giấy khai sinh
pages: {{pages}}
place: {OFFICE}
officer: {{officer}}
position: Chủ tịch
agency: {OFFICE}
requester: Phạm Văn Yêu Cầu
fields:
  "Họ, chữ đệm, tên": {NAME}
  "Ngày, tháng, năm sinh": 05/02/1990
"""


@dataclass(frozen=True)
class Desk:
    """One office at work: its state, keys and files in `folder`."""

    folder: Path
    pki: TrialPki

    @property
    def env(self) -> dict[str, str]:
        secret = self.pki.passphrase.decode()
        names = ("CAN_BO", "CO_QUAN", "CON_DAU")
        return {**os.environ, "SOHOA_HOME": str(self.folder / "home"), **{f"SOHOA_PASSPHRASE_{name}": secret for name in names}}

    def line(self, *args: object) -> list[str]:
        return [sys.executable, "-P", "-m", "sohoa", *map(str, args)]

    def __call__(self, *args: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(self.line(*args), env=self.env, capture_output=True, text=True, timeout=300)
        assert done.returncode == code, (done.returncode, done.stdout[-2000:], done.stderr[-2000:])
        return done

    def certify_line(self, capture: Path, pages: int = 1, officer: str = "Nguyễn Thị Ví Dụ") -> tuple[object, ...]:
        facts, ticks = self.folder / "facts.yaml", self.folder / "ticks.yaml"
        facts.write_text(FACTS.format(pages=pages, officer=officer), encoding="utf8")
        ticks.write_text("".join(f"{key}: true\n" for key, _, _ in checklist()), encoding="utf8")
        who = ("--certifier", "can_bo", "--agency", "co_quan", "-o", self.folder / "out", "--json")
        return ("certify", capture, "--original", facts, "--checklist", ticks, *who)

    @property
    def register(self) -> Register:
        return Register(open_sqlite(self.folder / "home" / "sohoa.sqlite"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("desk")
    pki = trial_pki(folder / "pki")
    made = Desk(folder, pki)
    (folder / "home").mkdir()
    names = {"can_bo": "officer", "co_quan": "agency", "con_dau": "seal"}
    text = "".join(f'[identities.{name}]\npath = "{pki.folder}/{file}.p12"\ntrial = true\n' for name, file in names.items())
    text += f'[trust]\nfolder = "{pki.trust}"\n[seal]\nidentity = "con_dau"\npages = "every"\n'
    (folder / "home" / "config.toml").write_text(text)
    issuers = made("certify", "seal-key", "--name", OFFICE).stdout
    (pki.trust / "seal-issuers.yaml").write_text(issuers, encoding="utf8")
    return made


def capture(path: Path, *sizes: tuple[float, float]) -> Path:
    """A paper with the name that is sealed; further pages of other sizes follow."""
    pdf = FPDF()
    pdf.add_font("serif", fname=FONTS / "LiberationSerif-Regular.ttf")
    for number, size in enumerate(sizes or ((210, 297),)):
        pdf.add_page(format=size)
        pdf.set_font("serif", size=14)
        lines = ("GIẤY KHAI SINH", f"Họ, chữ đệm, tên: {NAME}", "Ngày, tháng, năm sinh: 05/02/1990") if number == 0 else ("Trang sau",)
        for line in lines:
            pdf.cell(text=line, new_x="LMARGIN", new_y="NEXT", h=10)
    pdf.output(str(path))
    return path


@pytest.fixture(scope="module")
def copy(desk: Desk) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(desk(*desk.certify_line(capture(desk.folder / "khai-sinh.pdf"))).stdout)
    return report


def printed(copy: dict[str, Any], name: str = "") -> Image.Image:
    """The first page as a 200-dpi scan; with `name` a forger painted it over before."""
    sharp = render(Path(copy["path"]).read_bytes(), 200)[0]
    page = Image.fromarray(sharp.pixels)
    if name:
        with pypdfium2.PdfDocument(copy["path"]) as pdf:
            found = pdf[0].get_textpage()
            start = found.search(NAME).get_next()
            assert start is not None
            left, low, _, _ = found.get_charbox(start[0])
            right, _, _, high = found.get_charbox(start[0] + len(NAME) - 1)
            x0, y0, x1, y1 = (v * 200 / 72 for v in (left, 841.89 - high - 6, right, 841.89 - low + 6))
        drawing = ImageDraw.Draw(page)
        drawing.rectangle((x0 - 4, y0 - 4, x1 + 60, y1 + 4), fill="white")
        font = ImageFont.truetype(str(FONTS / "LiberationSerif-Regular.ttf"), round(14 * 200 / 72))
        drawing.text((x0, y0), name, fill="black", font=font)
    import numpy as np

    return Image.fromarray(scan(Shot(np.asarray(page), sharp.transform, 200), seed=3, angle=0.7).pixels)


def test_a_sealed_copy_is_certified_and_its_seal_is_read_from_the_file(desk: Desk, copy: dict[str, Any]) -> None:
    assert (copy["number"], copy["verdict"], copy["qr_seal"], copy["pages_without_seal"]) == (1, "valid", "sound", [])
    assert copy["wording_confirmed"] is False  # until the office has compared it with the annex
    verdict = json.loads(desk("verify", copy["path"], "--policy", "certified-copy", "--json").stdout)
    assert (verdict["verdict"], verdict["reason_code"]) == ("valid", "all_valid")
    assert (verdict["qr_seal"]["state"], verdict["qr_seal"]["text_matches"]) == ("sound", True)


def test_a_scan_of_the_printout_is_compared_and_a_changed_name_found(desk: Desk, copy: dict[str, Any]) -> None:
    printed(copy).save(desk.folder / "scan.jpg", quality=88, dpi=(200, 200))
    printed(copy, "Lê Văn Giả Mạo").save(desk.folder / "forged.jpg", quality=88, dpi=(200, 200))
    lines = desk("verify", desk.folder / "scan.jpg", desk.folder / "forged.jpg", "--json", code=1).stdout.splitlines()
    good, forged = map(json.loads, lines)
    assert (good["verdict"], good["reason_code"]) == ("valid", "seal_fields_same"), good["qr_seal"]["fields"]
    assert (forged["verdict"], forged["reason_code"]) == ("invalid", "seal_fields_differ")
    assert forged["qr_seal"]["fields"][0]["printed"] == "lê văn giả mạo"


def test_facts_that_name_somebody_else_are_refused_before_a_number_is_taken(desk: Desk, copy: dict[str, Any]) -> None:
    before = len(desk.register.entries("SCT/BS", copy["year"]))
    done = desk(*desk.certify_line(capture(desk.folder / "khac.pdf"), officer="Trần Văn Người Khác"), code=1)
    assert "certifier_differs" in done.stderr
    assert len(desk.register.entries("SCT/BS", copy["year"])) == before


def test_pages_of_several_sizes_are_all_in_the_copy_and_counted(desk: Desk, copy: dict[str, Any]) -> None:
    sizes = ((210, 297), (297, 210), (85.6, 54), (297, 420))
    report = json.loads(desk(*desk.certify_line(capture(desk.folder / "nhieu-kho.pdf", *sizes), pages=4)).stdout)
    assert report["verdict"] == "valid"
    assert report["pages_without_seal"] in ([], [3])  # a card may be too small for the code
    with pikepdf.open(report["path"]) as pdf:
        shown = [(float(page.mediabox[2]) / 72 * 25.4, float(page.mediabox[3]) / 72 * 25.4) for page in pdf.pages]
    assert len(shown) == 5
    assert [tuple(map(round, size)) for size in shown[:4]] == [tuple(map(round, size)) for size in sizes]


def test_a_process_killed_after_it_took_a_number_leaves_it_to_the_next_try_or_to_void(desk: Desk, copy: dict[str, Any]) -> None:
    one, other = capture(desk.folder / "mot.pdf", (200, 290)), capture(desk.folder / "hai.pdf", (190, 280))
    numbers = []
    for paper in (one, other):
        before = {entry.number for entry in desk.register.entries("SCT/BS", copy["year"])}
        running = subprocess.Popen(desk.line(*desk.certify_line(paper)), env=desk.env, stdout=subprocess.PIPE, start_new_session=True)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and running.poll() is None:
            reserved = [e.number for e in desk.register.entries("SCT/BS", copy["year"]) if e.number not in before]
            if reserved:
                break
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        numbers.append(next(e.number for e in desk.register.entries("SCT/BS", copy["year"]) if e.number not in before))
    again = json.loads(desk(*desk.certify_line(one)).stdout)
    assert again["number"] == numbers[0]
    left = desk.register.entry("SCT/BS", copy["year"], numbers[1])
    if left.state == "reserved":  # it may have been issued in the very moment of its death
        desk("certify", "void", numbers[1], "--reason", "máy hỏng giữa chừng")
        assert desk.register.entry("SCT/BS", copy["year"], numbers[1]).reason == "máy hỏng giữa chừng"
    assert "entry_closed" in desk("certify", "void", numbers[0], "--reason", "đã cấp rồi", code=1).stderr
    states = [entry.state for entry in desk.register.entries("SCT/BS", copy["year"])]
    assert "reserved" not in states


def test_a_cancelled_copy_is_known_to_whoever_has_the_signed_list_and_stands_in_the_book(desk: Desk, copy: dict[str, Any]) -> None:
    assert "reason_missing" in desk("certify", "cancel", 1, "--agency", "co_quan", "-o", desk.folder / "x.pdf", code=2).stderr
    desk("certify", "cancel", 1, "--reason", "bản chính bị làm giả", "--agency", "co_quan", "-o", desk.pki.trust / "huy-bo.pdf")
    files = (copy["path"], desk.folder / "scan.jpg")
    verdicts = [json.loads(line) for line in desk("verify", *files, "--policy", "certified-copy", "--json", code=1).stdout.splitlines()]
    assert [(verdict["verdict"], verdict["reason_code"]) for verdict in verdicts] == [("invalid", "copy_cancelled")] * 2
    book = desk.folder / "so.pdf"
    written = json.loads(desk("certify", "book", "--office", OFFICE, "--as", "co_quan", "-o", book, "--json").stdout)
    entries = desk.register.entries("SCT/BS", copy["year"])
    assert (written["entries"], written["signed"]) == (len(entries), True)
    with pypdfium2.PdfDocument(book) as pdf:
        text = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    for said in ("SỔ CHỨNG THỰC BẢN SAO", "Phạm Văn Yêu Cầu", "Giấy khai sinh", "Nguyễn Thị Ví Dụ, Chủ tịch", "bản chính bị làm giả"):
        assert said in text
