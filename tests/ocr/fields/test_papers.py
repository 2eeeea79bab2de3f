"""Where a paper begins in a file of several, and what it honestly is."""

from msgspec.structs import replace

from ocr.fields.papers import papers_inside


def whole(*papers):
    return [replace(one.page(), number=number) for number, one in enumerate(papers, 1)]


def found(*papers, codes=None):
    return [(one.first, one.last, one.template) for one in papers_inside(whole(*papers), codes=codes)]


def ct01(paper):
    page = paper().title("TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ")
    return page.row("1. Họ, chữ đệm và tên khai sinh: LÊ VĂN TÁM").row("4. Số định danh cá nhân: 033195000217")


def birth(paper):
    return paper().title("TỜ KHAI ĐĂNG KÝ KHAI SINH").row("Kính gửi: Ủy ban nhân dân xã Hương Mẫu")


def test_titles_of_known_forms_begin_papers_and_other_pages_go_on(paper):
    more = paper().row("12. Những nội dung khác").row("Tôi xin cam đoan")
    assert found(ct01(paper), more, birth(paper), more) == [(1, 2, "ct01"), (3, 4, "to_khai_dang_ky_khai_sinh")]


def test_an_unknown_paper_begins_with_the_motto_and_stays_unknown(paper):
    (first, second) = papers_inside(whole(ct01(paper), paper().title("GIẤY ỦY QUYỀN NHẬN THAY").row("Tôi là Lê Văn Tám")))
    assert (second.template, second.title) == (None, "GIẤY ỦY QUYỀN NHẬN THAY")
    assert first.template == "ct01"


def test_another_form_of_a_similar_title_is_not_the_known_one(paper):
    assert found(ct01(paper), paper().title("TỜ KHAI ĐĂNG KÝ LẠI KHAI SINH")) == [(1, 1, "ct01"), (2, 2, None)]


def test_a_numbered_page_goes_on_although_it_repeats_the_motto(paper):
    annex = paper(y=20.0).row((295, "2"))
    annex.y = 60.0
    assert found(ct01(paper), annex.title("PHỤ LỤC")) == [(1, 2, "ct01")]


def test_a_certification_at_the_end_belongs_to_its_paper(paper):
    stamp = paper().row("CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH").row("Số chứng thực: 99 quyển số 02 SCT/BS")
    assert found(birth(paper), stamp) == [(1, 2, "to_khai_dang_ky_khai_sinh")]


def test_another_code_of_the_office_begins_a_paper_and_the_same_goes_on(paper):
    page = paper().row("Phụ lục kèm theo")
    assert found(page, page, page, codes={1: "doc_code=A", 2: "doc_code=A", 3: "doc_code=B"}) == [(1, 2, None), (3, 3, None)]


def test_a_blank_page_begins_nothing(paper):
    assert found(ct01(paper), paper()) == [(1, 2, "ct01")]
