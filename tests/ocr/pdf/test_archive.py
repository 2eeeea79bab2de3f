"""The archive file as a whole: its pages, its size on paper, its bytes."""

import subprocess

import pikepdf
import pypdfium2
import pytest

from ocr.pdf.archive import About, Sheet, write_archive

ABOUT = About("Thử", b"0123456789abcdef", {"Engine": "sohoa"})


def test_the_same_pages_give_the_same_bytes(letter, build):
    first = build(letter, letter, name="a.pdf").read_bytes()
    assert build(letter, letter, name="b.pdf").read_bytes() == first


def test_other_words_give_other_bytes(letter, build):
    changed = type(letter)(letter.pixels, letter.words[:-1], letter.size)
    assert build(changed, name="b.pdf").read_bytes() != build(letter, name="a.pdf").read_bytes()


def test_a_page_without_image_keeps_its_place_and_size(letter, tmp_path):
    write_archive([Sheet((595.276, 841.89), None), Sheet((841.89, 595.276), None, letter.words)], ABOUT, tmp_path / "a.pdf")
    with pikepdf.open(tmp_path / "a.pdf") as pdf:
        assert [[float(v) for v in page.MediaBox] for page in pdf.pages] == [[0, 0, 595.276, 841.89], [0, 0, 841.89, 595.276]]


def test_many_pages_keep_their_order(draw, build):
    pages = [draw([(50, 50, 14, f"trang {number}")], size=(400, 200)) for number in range(1, 71)]
    with pypdfium2.PdfDocument(build(*pages)) as pdf:
        assert [page.get_textpage().get_text_range() for page in pdf] == [f"trang {number}" for number in range(1, 71)]


def test_the_page_is_as_large_as_the_paper(letter, build):
    with pikepdf.open(build(letter)) as pdf:
        width, height = (float(v) / 72 * 25.4 for v in pdf.pages[0].MediaBox[2:])
    assert abs(width - 210) < 0.2
    assert abs(height - 297) < 0.2


def test_title_stands_in_info_and_metadata_alike(letter, build):
    title = "Giấy khai sinh & trích lục <bản sao>"
    with pikepdf.open(build(letter, title=title)) as pdf, pdf.open_metadata() as metadata:
        assert str(pdf.docinfo.Title) == title
        assert metadata["dc:title"] == title
        assert metadata["pdf:Producer"] == str(pdf.docinfo.Producer)


def test_without_a_title_none_is_claimed(letter, build):
    with pikepdf.open(build(letter, title="  ")) as pdf:
        assert "/Title" not in pdf.docinfo
        assert "dc:title" not in pdf.Root.Metadata.read_bytes().decode()


def test_provenance_is_kept_as_given(letter, build):
    with pikepdf.open(build(letter, Engine="sohoa 0.1.0", Reader="default 3", UnreadPages="2, 7")) as pdf:
        packet = pdf.Root.Metadata.read_bytes().decode()
    assert "<sohoa:Engine>sohoa 0.1.0</sohoa:Engine>" in packet
    assert "<sohoa:UnreadPages>2, 7</sohoa:UnreadPages>" in packet


def test_the_permanent_identifier_is_the_one_given_and_there_is_no_clock(letter, build):
    path = build(letter)
    with pikepdf.open(path) as pdf:
        assert bytes(pdf.trailer.ID[0]) == b"0123456789abcdef"
        assert "/CreationDate" not in pdf.docinfo
        assert "Date" not in pdf.Root.Metadata.read_bytes().decode()


@pytest.mark.parametrize("command", [["qpdf", "--check"], ["pdftoppm", "-r", "50", "-png"], ["pdfinfo"], ["pdffonts"]])
def test_other_programs_read_it_without_a_warning(letter, build, command, tmp_path):
    out = [tmp_path / "page"] if command[0] == "pdftoppm" else []
    answer = subprocess.run([*command, build(letter), *out], capture_output=True, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")


def test_an_interrupted_writing_leaves_no_file(letter, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"not a picture")
    with pytest.raises(OSError, match="identify"):
        write_archive([Sheet(letter.size, tmp_path / "broken.jpg")], ABOUT, tmp_path / "a.pdf")
    assert not (tmp_path / "a.pdf").exists()
    assert not list(tmp_path.glob(".pages-*"))
