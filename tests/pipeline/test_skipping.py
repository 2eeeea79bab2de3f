"""A secrecy mark stops a paper; the word itself does not."""

from pathlib import Path

import pytest

from ocr.model import Page, Quality, Word
from pipeline.skipping import load_rules, refuse_what_is_not_digitised
from sohoa.errors import SohoaError, UsageError

Line = tuple[float, float, str]  # x and y in points, text


def page(*lines: Line, number: int = 1, height: float = 12.0) -> Page:
    words: list[Word] = []
    for line, (x, y, text) in enumerate(lines):
        at = x
        for word in text.split():
            words.append(Word(word, (at, y, at + 7.0 * len(word), y + height), 0.98, line))
            at += 7.0 * len(word) + 3.5
    return Page(number, (210.0, 297.0), 300.0, 0, 0.0, Quality(), "read", None, tuple(words))


HEAD: tuple[Line, ...] = (
    (60, 60, "ỦY BAN NHÂN DÂN"), (300, 60, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (70, 76, "XÃ HƯƠNG MẪU"), (330, 76, "Độc lập - Tự do - Hạnh phúc"), (80, 110, "Số: 05/QĐ-UBND"),
)  # fmt: skip


def code_of(*pages: Page, template: str | None = None, rules: str = "") -> str | None:
    try:
        refuse_what_is_not_digitised(pages, template, rules)
    except SohoaError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    "mark", ["MẬT", "TỐI MẬT", "TUYỆT MẬT", "TUYỆT MAT", "[MẬT]", "| TỐI MẬT |", "MÂT", "M MẬT", "I TỐI MẬT", "TỔ I MAI"]
)
def test_a_stamp_below_the_number_stops_the_paper(mark: str) -> None:
    assert code_of(page(*HEAD, (85, 150, mark))) == "secret_mark"


def test_a_stamp_beside_other_text_or_in_a_margin_of_a_later_page_stops_it_too() -> None:
    assert code_of(page(*HEAD, (60, 130, "MẬT"), (300, 130, "Hương Mẫu, ngày 05 tháng 9 năm 2026"))) == "secret_mark"
    assert code_of(page(*HEAD), page((280, 25, "TỐI MẬT"), (60, 300, "Điều 2"), number=2)) == "secret_mark"


@pytest.mark.parametrize(
    "lines",
    [
        [(60, 200, "Cán bộ phải giữ bí mật thông tin; tài liệu MẬT được quản lý riêng")],
        [(150, 160, "QUYẾT ĐỊNH"), (100, 190, "BAN HÀNH QUY CHẾ BẢO VỆ BÍ"), (190, 204, "MẬT")],
        [(150, 160, "BẢO MẬT")],
        [(150, 160, "MẬT ONG RỪNG")],
        [(60, 160, "Họ và tên: NGUYỄN VĂN MẬT")],
        [(150, 160, "MẶT"), (150, 200, "MẤT"), (150, 240, "MẮT")],
        [(60, 500, "Độ mật"), (200, 500, "MẬT"), (60, 520, "TỐI MẬT")],
        [(60, 160, "mật")],
        [(60, 160, "TỔ MAY"), (60, 200, "TỐI MAI HỌP")],
    ],
)
def test_the_word_in_text_titles_names_and_tables_does_not(lines: list[Line]) -> None:
    assert code_of(page(*HEAD, *lines)) is None


def test_the_reason_names_the_law_and_the_page_and_no_word_of_the_paper() -> None:
    with pytest.raises(SohoaError) as refused:
        refuse_what_is_not_digitised([page(*HEAD, (85, 150, "MẬT"))], "van_ban_hanh_chinh")
    assert refused.value.facts["page"] == 1
    assert "03/2025/TT-VPCP" in str(refused.value.message)


def test_an_office_adds_and_replaces_rules_with_their_law(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "- {code: only_shown, legal_basis: Quy chế một cửa, templates: [cccd_mat_truoc]}\n"
        "- {code: bieu_noi_bo, legal_basis: Quy chế 12, titles: [PHIẾU TRÌNH NỘI BỘ], reason_vi: giấy tờ nội bộ, reason_en: internal}\n",
        encoding="utf8",
    )
    assert code_of(page(), template="cccd_mat_truoc") is None
    assert code_of(page(), template="cccd_mat_truoc", rules=str(rules)) == "only_shown"
    with pytest.raises(SohoaError) as refused:
        refuse_what_is_not_digitised([page((200, 120, "PHIẾU TRÌNH NỘI BỘ"))], None, str(rules))
    assert refused.value.code == "not_digitised"
    assert "giấy tờ nội bộ" in refused.value.message.vi and "Quy chế 12" in refused.value.message.vi


def test_a_faulty_file_of_rules_is_refused_before_any_work(tmp_path: Path) -> None:
    for number, text in enumerate(("- {code: x}", "no list", "- {code: x, legal_basis: y, stamp: [Z]}")):
        rules = tmp_path / f"{number}.yaml"
        rules.write_text(text, encoding="utf8")
        with pytest.raises(UsageError) as refused:
            load_rules(str(rules))
        assert refused.value.code == "skip_rules_invalid"
