"""`sohoa run` on every sample: what comes out, what is refused, and that nothing is lost."""

import csv
import hashlib
import json
import subprocess
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pikepdf
import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

import sohoa as sohoa_package

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"
SOURCES = sorted(p.name for p in DRAWN.iterdir() if p.suffix != ".json" and p.with_suffix(".json").is_file())
BAD = {"bad.truncated.pdf": "pdf_damaged", "bad.encrypted.pdf": "pdf_encrypted", "bad.not-an-image.pdf": "file_type_unknown"}
GOOD = [name for name in SOURCES if name not in BAD]
SIGNED = [name for name in SOURCES if "signed" in name]


def truth_of(drawn: Path, source: str) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((drawn / f"{Path(source).stem}.json").read_text(encoding="utf8"))
    return truth


def test_there_are_samples_of_every_kind() -> None:
    kinds = {Path(name).suffix for name in SOURCES}
    assert {".jpg", ".pdf", ".heic", ".tif", ".png"} <= kinds
    assert SIGNED
    assert set(BAD) <= set(SOURCES)


def test_every_input_has_a_row_in_order_in_json_and_csv(batch) -> None:
    rows = json.loads((batch.out / "batch.json").read_text(encoding="utf8"))
    assert [Path(row["source"]).name for row in rows] == SOURCES
    assert all({"source", "name", "sha256", "status", "error_code", "pages", "seconds"} <= set(row) for row in rows)
    with (batch.out / "batch.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [Path(row["source"]).name for row in csv.DictReader(file)] == SOURCES


def test_the_exit_code_says_that_something_failed(batch) -> None:
    assert batch.code == 1


@pytest.mark.parametrize(("source", "code"), BAD.items())
def test_a_bad_file_gets_its_code_and_sentences_and_no_folder(batch, source: str, code: str) -> None:
    row = batch.rows[source]
    assert (row["status"], row["error_code"]) == ("failed", code)
    assert row["message_vi"] and row["message_en"] and row["message_vi"] != row["message_en"]
    assert not batch.folder(source).exists()


@pytest.mark.parametrize("source", GOOD)
def test_a_good_file_is_delivered_whole(batch, drawn: Path, source: str) -> None:
    row, folder = batch.rows[source], batch.folder(source)
    assert row["status"] in ("done", "review")
    assert row["sha256"] == hashlib.sha256((drawn / source).read_bytes()).hexdigest()
    truth = truth_of(drawn, source)
    with pikepdf.open(folder / "document.pdf") as pdf:
        assert len(pdf.pages) == row["pages"] == len(truth["pages"])
    document = batch.document(source)
    assert [page["number"] for page in document["pages"]] == list(range(1, row["pages"] + 1))
    text = (folder / "document.txt").read_text(encoding="utf8")
    assert text == unicodedata.normalize("NFC", text)
    assert text.count("\f") == row["pages"]


@pytest.mark.parametrize("source", GOOD)
def test_every_pdf_opens_everywhere_without_a_warning(batch, source: str) -> None:
    for file in batch.folder(source).glob("*.pdf"):
        if source in SIGNED and file.name == "document.pdf":
            continue  # it is the upload itself
        checked = subprocess.run(["qpdf", "--check", file], capture_output=True, text=True)
        assert checked.returncode == 0 and "WARNING" not in checked.stdout + checked.stderr
        shown = subprocess.run(["pdftoppm", "-r", "30", "-png", file, file.with_suffix("")], capture_output=True, text=True)
        assert (shown.returncode, shown.stderr) == (0, "")
        with pypdfium2.PdfDocument(file) as pdf:
            assert all(page.render(scale=0.2).width > 10 for page in pdf)


@pytest.mark.parametrize("source", [name for name in GOOD if (".scan" in name or ".photo" in name) and name not in SIGNED])
def test_what_was_an_image_is_a_pdf_a_with_vietnamese_text(batch, drawn: Path, source: str) -> None:
    assert batch.document(source)["archive"]["profile"] == "PDF/A-2b"
    got = subprocess.run(["pdftotext", batch.folder(source) / "document.pdf", "-"], capture_output=True, text=True).stdout
    assert got == unicodedata.normalize("NFC", got)
    wanted = [word for page in truth_of(drawn, source)["pages"] for line in page["lines"] for word, _ in line["words"] if len(word) > 2]
    found = set(got.split())
    share = sum(word in found for word in wanted) / max(1, len(wanted))
    assert share > (0.6 if source.startswith("id-card") else 0.9), share


@pytest.mark.parametrize("source", SIGNED)
def test_a_signed_upload_comes_out_byte_identical_and_its_signature_is_told(batch, drawn: Path, source: str) -> None:
    folder = batch.folder(source)
    assert (folder / "document.pdf").read_bytes() == (drawn / source).read_bytes()
    verdict = json.loads((folder / "verification.json").read_text(encoding="utf8"))
    assert verdict["integrity"] == ("intact" if len(verdict["signatures"]) == 1 else "extended")
    assert verdict["verdict"] == "indeterminate"  # nobody told us to trust its issuer
    assert len(verdict["signatures"]) == len(batch.document(source)["signatures"]) >= 1
    assert (folder / "search-copy.pdf").exists() == ("scan" in source)


@pytest.mark.parametrize("source", [name for name in GOOD if name.startswith(("birth-registration.", "ct01."))])
def test_the_forms_are_known_and_their_accepted_values_are_right(batch, drawn: Path, source: str) -> None:
    truth, document = truth_of(drawn, source), batch.document(source)
    assert document["template"] == truth["template"]
    wanted = {field["name"]: field for field in truth["fields"]}
    accepted = [field for field in document["fields"] if field["status"] == "accepted" and field["name"] in wanted]
    wrong = [field["name"] for field in accepted if field["type"] != "table" and field["value"] != wanted[field["name"]]["value"]]
    assert not wrong
    filled = [field for field in document["fields"] if field["name"] in wanted and not wanted[field["name"]]["empty"]]
    assert len(accepted) >= 0.5 * len(filled) > 5


def test_a_blank_form_gives_no_values(batch) -> None:
    document = batch.document("birth-registration-blank.scan200.jpg")
    assert [field["name"] for field in document["fields"] if field["value"] not in (None, False, [], "")] == []


@pytest.mark.parametrize("source", [name for name in GOOD if ".scan300." in name and not name.startswith("id-card")])
def test_word_boxes_lie_over_their_words(batch, drawn: Path, source: str) -> None:
    """On scans that were not warped, words that occur once on their page are within 2 mm of where they were printed."""
    limit = 2 / 25.4 * 72
    for number, sheet in enumerate(truth_of(drawn, source)["pages"], 1):
        printed = [(word, box) for line in sheet["lines"] for word, box in line["words"]]
        words = [word for word in batch.document(source)["words"] if word["page"] == number]
        # Dots set against a word belong to its box; its letters end before them.
        read = [(word["text"], [*word["box"][:2], word.get("letters_end", word["box"][2]), word["box"][3]]) for word in words]
        where_printed, where_read = once(printed), once(read)
        both = where_printed.keys() & where_read.keys()
        assert len(both) > 0.5 * len(where_printed)
        far = [w for w in both if max(abs(a - b) for a, b in zip(where_printed[w], where_read[w], strict=True)) > limit]
        assert len(far) <= 0.02 * len(both), far


def once(words: list[tuple[str, list[float]]]) -> dict[str, list[float]]:
    count = Counter(word for word, _ in words)
    return {word: box for word, box in words if count[word] == 1}


def test_nothing_of_a_finished_batch_stays_in_the_state_folder(batch) -> None:
    assert [p.name for p in (batch.home / "objects").iterdir()] == []
    assert [p.name for p in (batch.home / "work").iterdir()] == []


def test_no_draft_stays_in_the_output_folder(batch) -> None:
    assert [p.name for p in batch.out.iterdir() if p.name.startswith(".")] == []


def test_no_private_data_is_said_on_the_way(sohoa, drawn: Path, tmp_path: Path) -> None:
    """What a run prints names files, counts and codes: never what is written in a paper."""
    done = sohoa("run", drawn / "birth-registration.clean.pdf", "-o", tmp_path / "out", code=None)
    values = [str(f["value"]) for f in truth_of(drawn, "birth-registration.clean.pdf")["fields"] if isinstance(f["value"], str)]
    said = done.stdout + done.stderr
    assert not [value for value in values if len(value) > 5 and value in said]


def test_a_paper_that_could_hardly_be_read_says_why_it_waits(sohoa, drawn: Path, tmp_path: Path) -> None:
    with Image.open(drawn / "birth-registration.scan200.jpg") as picture:
        picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(tmp_path / "mirrored.jpg", dpi=(200, 200))
    done = sohoa("run", tmp_path / "mirrored.jpg", "-o", tmp_path / "out", code=3)
    (row,) = json.loads((tmp_path / "out" / "batch.json").read_text(encoding="utf8"))
    assert (row["status"], row["read_badly"]) == ("review", [1])
    assert "mirrored.jpg, trang 1: " in done.stdout
    assert "[page_read_badly]" in done.stdout


def test_the_same_input_gives_the_same_bytes(sohoa, batch, drawn: Path, tmp_path: Path) -> None:
    source = "birth-registration.scan200.jpg"
    sohoa("run", drawn / source, "-o", tmp_path / "again", "--jobs", "1", code=None)
    again = tmp_path / "again" / Path(source).stem
    for name in ("document.pdf", "document.txt"):
        assert (again / name).read_bytes() == (batch.folder(source) / name).read_bytes(), name
    assert alone(json.loads((again / "document.json").read_text(encoding="utf8"))) == alone(batch.document(source))


def alone(document: dict[str, Any]) -> dict[str, Any]:
    """What the document says by itself, without what other papers of the same batch made of it."""
    others = ("dossier_differs", "dossier_address", "paper_disagrees")
    for holder in (document, *document["fields"]):
        holder["checks"] = [check for check in holder["checks"] if check["code"] not in others]
    return document


def test_usage_errors_end_with_code_2(sohoa, tmp_path: Path) -> None:
    assert "input_missing" in sohoa("run", tmp_path / "nothing", "-o", tmp_path / "out", code=2).stderr
    (tmp_path / "in").mkdir()
    assert "nothing_to_do" in sohoa("run", tmp_path / "in", "-o", tmp_path / "out", code=2).stderr
    assert "reader_unknown" in sohoa("run", DRAWN / GOOD[0], "-o", tmp_path / "out", "--reader", "x", code=2).stderr


@pytest.mark.parametrize("reader", ["lines", "tesseract"])
def test_another_reader_reads_by_name_and_is_named_in_the_file(sohoa, tmp_path: Path, reader: str) -> None:
    source = DRAWN / "birth-registration.scan200.jpg"
    sohoa("run", source, "-o", tmp_path / "out", "--reader", reader, code=None)
    (folder,) = [path.parent for path in (tmp_path / "out").glob("*/document.pdf")]
    words = Counter((folder / "document.txt").read_text(encoding="utf8").split())
    true = Counter(word for page in truth_of(DRAWN, source.name)["pages"] for line in page["lines"] for word, _ in line["words"])
    assert (words & true).total() > 0.8 * true.total()
    with pikepdf.open(folder / "document.pdf") as pdf:
        assert reader in str(pdf.open_metadata())


def test_born_digital_files_become_pdf_a_when_asked(sohoa, drawn: Path, tmp_path: Path, verapdf) -> None:
    """Their text stays their own; what is signed, or is PDF/A, stays as it is."""
    conforming = FPDF(enforce_compliance="PDF/A-2B")
    conforming.set_title("Thông báo")
    conforming.add_font("serif", fname=Path(sohoa_package.__file__).parent / "fonts" / "LiberationSerif-Regular.ttf")
    conforming.set_font("serif", size=14)
    conforming.add_page()
    conforming.multi_cell(0, text="Ủy ban nhân dân xã thông báo lịch tiếp công dân như sau. " * 6)
    conforming.output(str(tmp_path / "archived.pdf"))
    sources = [drawn / "decision.clean.pdf", drawn / "decision.signed.pdf", tmp_path / "archived.pdf"]
    sohoa("run", *sources, "-o", tmp_path / "out", "--archive", "render", code=None)
    built, *kept = (tmp_path / "out" / source.stem / "document.pdf" for source in sources)
    assert [file.read_bytes() for file in kept] == [source.read_bytes() for source in sources[1:]]
    assert verapdf(sources[0]) != []
    assert verapdf(built) == []
    assert json.loads((built.parent / "document.json").read_text(encoding="utf8"))["archive"]["profile"] == "PDF/A-2b"
    texts = [subprocess.run(["pdftotext", file, "-"], capture_output=True, text=True).stdout.split() for file in (built, sources[0])]
    assert Counter(texts[0]) == Counter(texts[1])


def test_a_filled_form_is_never_drawn_anew(sohoa, tmp_path: Path) -> None:
    """A field's font may lack Vietnamese letters: the picture would say "Phm" where the field says "Phạm"."""
    page = FPDF()
    page.add_font("serif", fname=Path(sohoa_package.__file__).parent / "fonts" / "LiberationSerif-Regular.ttf")
    page.set_font("serif", size=13)
    page.add_page()
    page.multi_cell(0, text="TỜ KHAI ĐĂNG KÝ KHAI SINH\nKính gửi: Ủy ban nhân dân xã Tân Lập\nHọ, chữ đệm, tên người yêu cầu:")
    page.output(str(tmp_path / "form.pdf"))
    with pikepdf.open(tmp_path / "form.pdf", allow_overwriting_input=True) as pdf:
        widget = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Tx,
            T=pikepdf.String("ten"),
            V=pikepdf.String("Phạm Thị Quỳnh"),
            Rect=pikepdf.Array([230, 740, 450, 758]),
            F=4,
            DA=pikepdf.String("/Helv 11 Tf 0 g"),
        )
        widget = pdf.make_indirect(widget)
        pdf.pages[0].obj.Annots = pikepdf.Array([widget])
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.Root.AcroForm = pikepdf.Dictionary(
            Fields=pikepdf.Array([widget]), NeedAppearances=True, DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font))
        )
        pdf.save(tmp_path / "form.pdf")
    sohoa("run", tmp_path / "form.pdf", "-o", tmp_path / "out", "--archive", "render", code=None)
    folder = tmp_path / "out" / "form"
    assert (folder / "document.pdf").read_bytes() == (tmp_path / "form.pdf").read_bytes()
    assert json.loads((folder / "document.json").read_text(encoding="utf8"))["archive"]["reason_code"] == "form_kept"
