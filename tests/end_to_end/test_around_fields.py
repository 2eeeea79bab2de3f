"""What stands around fields, on the real command line: dossiers, division, secrecy marks, codes, exports, template checks."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pikepdf
import pytest
import segno
from fpdf import FPDF
from lxml import etree

ROOT = Path(__file__).parents[2]
FONT = ROOT / "sohoa" / "fonts" / "LiberationSerif-Regular.ttf"
MOTTO = ((105, 20, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), (105, 27, "Độc lập - Tự do - Hạnh phúc"))
CODE = "000.16.27.H29-260914-0012"
SETTINGS = '[naming]\nmcq = "G06.01"\nlv = "CV"\nfirst = 21\n\n[metadata]\norgan_id = "000.16.27.H29"\n'

Line = tuple[float, float, str]  # millimetres, text; at x = 105 it is centred


def write(path: Path, *pages: tuple[Line, ...], qr: str = "") -> Path:
    pdf = FPDF(format="A4")
    pdf.add_font("book", "", str(FONT))
    for lines in pages:
        pdf.add_page()
        pdf.set_font("book", size=12)
        if qr:
            drawn = io.BytesIO()
            segno.make(qr, error="m").save(drawn, kind="png", scale=8)
            pdf.image(drawn, x=12, y=10, w=22)
        for x, y, text in lines:
            pdf.text(x - (pdf.get_string_width(text) / 2 if x == 105 else 0), y, text)
    path.parent.mkdir(parents=True, exist_ok=True)
    pdf.output(str(path))
    return path


def ct01(name: str, birth: str) -> tuple[Line, ...]:
    rows = (
        "Kính gửi: Công an xã Hương Mẫu",
        f"1. Họ, chữ đệm và tên khai sinh: {name}",
        f"2. Ngày, tháng, năm sinh: {birth}    3. Giới tính: Nữ",
        "4. Số định danh cá nhân: 033195000217",
        "10. Nội dung đề nghị: Đăng ký tạm trú",
    )
    return (*MOTTO, (105, 45, "TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ"), *((25.0, 60.0 + 9 * n, row) for n, row in enumerate(rows)))


def decision(mark: str = "") -> tuple[Line, ...]:
    head: tuple[Line, ...] = ((25, 20, "UBND XÃ HƯƠNG MẪU"), (115, 20, MOTTO[0][2][:34]), (30, 40, "Số: 87/QĐ-UBND"))
    return (
        *head,
        *(((32.0, 52.0, mark),) if mark else ()),
        (105, 75, "QUYẾT ĐỊNH"),
        (25, 95, "Điều 1. Giữ bí mật và quản lý tài liệu MẬT."),
    )


def run(sohoa: Any, source: Path, out: Path, code: int, *more: object) -> dict[str, dict[str, Any]]:
    sohoa("run", source, "-o", out, "--jobs", 1, *more, code=code)
    return {row["name"]: row for row in json.loads((out / "batch.json").read_text(encoding="utf8"))}


def document(out: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / name / "document.json").read_text(encoding="utf8"))
    return content


def test_a_dossier_from_its_upload_to_its_export(sohoa, tmp_path: Path, drawn: Path) -> None:
    """One run for all that one run shows: it starts an interpreter and reads real files."""
    source, out = tmp_path / "in", tmp_path / "out"
    write(source / "one" / "a.pdf", ct01("TRỊNH THỊ HUYỀN", "14/03/1995"), qr=f"Hồ sơ {CODE}")
    write(source / "one" / "b.pdf", ct01("TRỊNH THỊ HUYÊN", "14/03/1995"))
    write(source / "two" / "secret.pdf", decision("TỐI MẬT"))
    write(source / "two" / "open.pdf", decision())
    (source / "two" / "decision.pdf").write_bytes((drawn / "decision.clean.pdf").read_bytes())
    before = {path: path.read_bytes() for path in source.rglob("*.pdf")}
    sohoa.home.mkdir()
    (sohoa.home / "config.toml").write_text(SETTINGS, encoding="utf8")
    rows = run(sohoa, source, out, 1)
    assert {path: path.read_bytes() for path in source.rglob("*.pdf")} == before

    # A secrecy mark: a row with its reason, and nothing of the paper delivered; the word in a sentence stops nobody.
    assert (rows["secret"]["status"], rows["secret"]["error_code"]) == ("failed", "secret_mark")
    assert "03/2025/TT-VPCP" in rows["secret"]["message_vi"]
    assert not (out / "secret").exists()
    assert rows["open"]["status"] != "failed"

    # The dossier's code, and the difference between its two papers, at both.
    assert rows["a"]["codes"] == {"dossier": CODE}
    (code,) = document(out, "a")["codes"]
    assert (code["page"], code["values"]) == (1, {"dossier": CODE})
    assert code["box"][0] == pytest.approx(12 / 25.4 * 72, abs=8) and code["box"][1] == pytest.approx(10 / 25.4 * 72, abs=8)
    dossiers = {one["dossier"]: one for one in json.loads((out / "dossiers.json").read_text(encoding="utf8"))}
    first = dossiers[CODE]
    assert ([paper["name"] for paper in first["documents"]], first["counts"]["pages"]) == (["a", "b"], 2)
    (difference,) = first["differences"]
    assert difference["aspect"] == "name" and difference["blocking"]
    for name, other in (("a", "b"), ("b", "a")):
        assert rows[name]["status"] == "review"
        field = next(field for field in document(out, name)["fields"] if field["name"] == "ho_ten")
        assert (field["status"], field["reason_code"]) == ("review", "dossier_differs")
        assert field["value"].startswith("TRỊNH THỊ HUY") and other in field["checks"][-1]["text_vi"]

    # Tables: one row for each document of the form, the ID as text, a real date.
    sohoa("export", out, "--format", "xlsx")
    sheet = openpyxl.load_workbook(out / "export" / "xlsx" / "ct01.xlsx")["Tài liệu"]
    lines = [
        dict(zip([cell.value for cell in next(sheet.rows)], (cell.value for cell in line), strict=True)) for line in list(sheet.rows)[2:]
    ]
    assert [(line["ten_tai_lieu"], line["so_dinh_danh"], line["ngay_sinh"].date().isoformat()) for line in lines] == [
        ("a", "033195000217", "1995-03-14"),
        ("b", "033195000217", "1995-03-14"),
    ]
    sohoa("export", out, "--format", "csv", "--template", "ct01", "-o", tmp_path / "csv")
    with (tmp_path / "csv" / "ct01.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [line["ho_ten.trang_thai"] for line in csv.DictReader(file)] == ["review", "review"]
    assert [path.name for path in (tmp_path / "csv").iterdir()] == ["ct01.csv"]

    # Metadata beside the PDF, under the office's names; what is not ready is told by the exit code and the index.
    sohoa("export", out, "--format", "cv7197", "-o", tmp_path / "guide", code=3)
    index = {line["name"]: line for line in json.loads((tmp_path / "guide" / "index.json").read_text(encoding="utf8"))}
    ready = index["decision"]
    assert ready["doc_code"].startswith("G06.01_CV_0000") and ready["file"] == f"{ready['doc_code']}_20260907_QuyetDinh"
    assert (tmp_path / "guide" / f"{ready['file']}.pdf").read_bytes() == (out / "decision" / "document.pdf").read_bytes()
    assert not index["a"]["ready"]
    assert len({line["doc_code"] for line in index.values()}) == len(index) == 4
    sohoa("export", out, "--format", "xml-nd30", "-o", tmp_path / "xml", code=None)
    made = etree.parse(tmp_path / "xml" / f"{ready['file']}.xml")
    assert (made.findtext("FileCode/OrganId"), made.findtext("CodeNotation")) == ("000.16.27.H29", "QĐ-UBND")


def test_a_file_of_several_papers_is_divided_when_a_person_confirms(sohoa, tmp_path: Path, drawn: Path) -> None:
    source, out = tmp_path / "in" / "merged.pdf", tmp_path / "out"
    source.parent.mkdir()
    with pikepdf.new() as whole:
        for name in ("birth-registration.clean.pdf", "decision.clean.pdf"):
            with pikepdf.open(drawn / name) as part:
                whole.pages.extend(part.pages)
        whole.save(source)
    upload = hashlib.sha256(source.read_bytes()).hexdigest()
    run(sohoa, source, out, 0)
    (proposal,) = json.loads((out / "proposals.json").read_text(encoding="utf8"))
    assert [(part["pages"], part["template"]) for part in proposal["parts"]] == [
        ([1, 1], "to_khai_dang_ky_khai_sinh"),
        ([2, 4], "van_ban_hanh_chinh"),
    ]
    sohoa("run", "--split", out / "proposals.json", "-o", tmp_path / "parted", "--jobs", 1, code=None)
    rows = json.loads((tmp_path / "parted" / "batch.json").read_text(encoding="utf8"))
    assert [(row["name"], row["template"], row["pages"]) for row in rows] == [
        ("merged__p1", "to_khai_dang_ky_khai_sinh", 1),
        ("merged__p2-4", "van_ban_hanh_chinh", 3),
    ]
    assert hashlib.sha256(source.read_bytes()).hexdigest() == upload
    sohoa("run", source, "--split", source, "-o", tmp_path / "x", code=2)


TEMPLATE = """
slug: don_xin_nuoc
version: "2026"
legal_basis: Quyết định của xã
titles: [ĐƠN XIN CẤP NƯỚC SẠCH]
fields:
  - {name: ho_ten, label: "Tôi tên là", type: name}
  - {name: so_dinh_danh, label: "Số định danh cá nhân", type: id12}
"""


def test_an_offices_own_template_is_checked_shown_and_used(sohoa, tmp_path: Path) -> None:
    template = tmp_path / "templates" / "nuoc.yaml"
    template.parent.mkdir()
    rows = ((105, 45, "ĐƠN XIN CẤP NƯỚC SẠCH"), (25, 60, "Tôi tên là: Phạm Thu Hà"), (25, 69, "Số định danh cá nhân: 033195000217"))
    sample = write(tmp_path / "sample.pdf", (*MOTTO, *rows))

    template.write_text(TEMPLATE.replace("id12", "id13"), encoding="utf8")
    wrong = sohoa("template", "check", template, code=2)
    assert "nuoc.yaml" in wrong.stderr and "$.fields[1].type" in wrong.stderr and "line 8" in wrong.stderr

    template.write_text(TEMPLATE, encoding="utf8")
    right = sohoa("template", "check", template, sample)
    assert "Phạm Thu Hà" in right.stdout and "033195000217" in right.stdout
    picture = tmp_path / "sample.fields.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    other = json.loads(
        sohoa("template", "check", template, write(tmp_path / "other.pdf", ct01("A B", "01/01/1990")), "--json", code=1).stdout
    )
    assert (other["recognised"], other["recognised_as"]) == (False, "ct01")

    sohoa.home.mkdir(exist_ok=True)
    (sohoa.home / "config.toml").write_text(f'templates = "{template.parent}"\n', encoding="utf8")
    done = run(sohoa, sample, tmp_path / "out", 0)
    assert done["sample"]["template"] == "don_xin_nuoc"
    assert {field["name"]: field["value"] for field in document(tmp_path / "out", "sample")["fields"]} == {
        "ho_ten": "Phạm Thu Hà",
        "so_dinh_danh": "033195000217",
    }
