"""Papers of one dossier are compared person by person; every difference is told with all its places."""

from typing import Any

from msgspec import structs

from ocr.export.delivered import Delivered, DeliveredCell, DeliveredField, DeliveredPage
from pipeline.dossiers import Paper, as_json, checks_of, dossiers, paper_of

NUMBER = "033195000217"


def field(name: str, value: Any, page: int = 1, source: str = "print", type: str = "text") -> DeliveredField:
    return DeliveredField(name, name, None, type, value, str(value), source, page, (10.0, 20.0, 90.0, 30.0), "accepted")


def paper(name: str, template: str = "ct01", folder: str = "in", code: str = "", **values: Any) -> Paper:
    fields = tuple(field(key, value, type="table" if isinstance(value, list) else "text") for key, value in values.items())
    pages = (DeliveredPage(1, (210.0, 297.0), "read"),)
    document = Delivered(template, "1", pages, fields)
    return paper_of(name, f"{folder}/{name}.pdf", lambda: document, {"dossier": code} if code else {})


def changed(paper: Paper, **more: Any) -> Paper:
    """The paper with this said of each of its fields."""
    document = paper.read()
    other = structs.replace(document, fields=tuple(structs.replace(one, **more) for one in document.fields))
    return paper_of(paper.name, paper.source, lambda: other, paper.codes)


def differences(*papers: Paper) -> list[tuple[str, list[str]]]:
    return [(one.aspect, [value[0].said.value for value in one.values]) for dossier in dossiers(papers) for _, one in dossier.differences]


def test_the_same_number_with_another_name_or_birth_date_is_a_difference() -> None:
    a = paper("a", so_dinh_danh=NUMBER, ho_ten="TRỊNH THỊ HUYỀN", ngay_sinh="1995-03-14")
    b = paper("b", "giay_khai_sinh", so_dinh_danh=NUMBER, ho_ten="Trịnh Thị Huyên", ngay_sinh="1995-03-11")
    assert differences(a, b) == [("name", ["TRỊNH THỊ HUYỀN", "Trịnh Thị Huyên"]), ("birth", ["1995-03-14", "1995-03-11"])]


def test_the_same_name_and_birth_date_with_another_number_is_a_difference() -> None:
    a = paper("a", so_dinh_danh=NUMBER, ho_ten="Trịnh Thị Huyền", ngay_sinh="1995-03-14")
    b = paper("b", so_dinh_danh="033195000271", ho_ten="TRỊNH THỊ HUYỀN", ngay_sinh="1995-03-14")
    assert differences(a, b) == [("id", [NUMBER, "033195000271"])]


def test_what_is_only_written_otherwise_is_no_difference() -> None:
    a = paper(
        "a", so_dinh_danh=NUMBER, ho_ten="TRỊNH THỊ HOÀ", ngay_sinh="1995-03-14", gioi_tinh="Nữ", noi_cu_tru="thôn Đông, xã Hương Mẫu"
    )
    b = paper(
        "b", "giay_khai_sinh", giay_to_me=f"CCCD số {NUMBER}, cấp ngày 18/11/2024", ho_ten_me="Trịnh Thị Hòa", nam_sinh_me="1995",
        noi_cu_tru_me="Số 12, thôn Đông, xã Hương Mẫu, tỉnh Hưng Yên",
    )  # fmt: skip
    assert differences(a, b) == []
    (dossier,) = dossiers([a, b])
    assert [[(paper.name, person.role) for paper, person in cluster] for cluster in dossier.people] == [[("a", ""), ("b", "me")]]


def test_two_people_of_one_name_and_year_stay_two() -> None:
    a = paper("a", so_dinh_danh=NUMBER, ho_ten="Nguyễn Thị Lan", ngay_sinh="1990-02-03")
    b = paper("b", so_dinh_danh="079190555444", ho_ten="Nguyễn Thị Lan", ngay_sinh="1990-07-08")
    assert differences(a, b) == []
    assert len(dossiers([a, b])[0].people) == 2


def test_papers_of_another_folder_are_another_dossier_unless_they_carry_the_same_code() -> None:
    a = paper("a", so_dinh_danh=NUMBER, ho_ten="Lê Minh", folder="x")
    b = paper("b", so_dinh_danh=NUMBER, ho_ten="Lê Ninh", folder="y")
    assert differences(a, b) == []
    a, b = (
        paper(one.name, folder=one.source[0], code="H29.16-260101-0001", so_dinh_danh=NUMBER, ho_ten=name)
        for one, name in ((a, "Lê Minh"), (b, "Lê Ninh"))
    )
    assert differences(a, b) == [("name", ["Lê Minh", "Lê Ninh"])]


def test_a_paper_without_a_code_joins_the_only_code_of_its_folder() -> None:
    papers = [paper("a", code="H29.16-260101-0001", ho_ten="x"), paper("b", ho_ten="y")]
    assert [(one.code, len(one.papers)) for one in dossiers(papers)] == [("H29.16-260101-0001", 2)]
    papers.append(paper("c", code="H29.16-260101-0002", ho_ten="z"))
    assert sorted((one.code or "", len(one.papers)) for one in dossiers(papers)) == [
        ("", 1),
        ("H29.16-260101-0001", 1),
        ("H29.16-260101-0002", 1),
    ]


def test_a_member_in_a_table_is_a_person_too() -> None:
    a = paper("a", thanh_vien=[{"ho_ten": "Phạm Gia Khiêm", "so_dinh_danh": "033221000902", "ngay_sinh": "2021-07-09"}])
    b = paper("b", "giay_khai_sinh", ho_ten="PHẠM GIA KHIÊM", so_dinh_danh="033221000902", ngay_sinh="2021-07-19")
    assert differences(a, b) == [("birth", ["2021-07-09", "2021-07-19"])]


def test_a_member_is_shown_in_the_cell_where_it_stands() -> None:
    a = paper("a", thanh_vien=[{"ho_ten": "Lê Minh", "so_dinh_danh": NUMBER}])
    cells = tuple(DeliveredCell(0, column, 2, (5.0, 6.0, 7.0, 8.0), "accepted") for column in ("ho_ten", "so_dinh_danh"))
    (dossier,) = dossiers([changed(a, cells=cells), paper("b", so_dinh_danh=NUMBER, ho_ten="Lê Ninh")])
    first = as_json(dossier)["differences"][0]["values"][0]["places"][0]
    assert (first["field"], first["page"], first["box"]) == ("thanh_vien", 2, (5.0, 6.0, 7.0, 8.0))


def test_qr_and_zone_of_a_card_are_witnesses_beside_its_print() -> None:
    code = f"{NUMBER}||Trịnh Thị Huyền|14031995|Nữ|Số 12, xã Hương Mẫu|18112024"
    front = paper("front", "cccd_mat_truoc", qr=code, so=NUMBER, ho_ten="TRỊNH THỊ HUYÊN", ngay_sinh="1995-03-14", gioi_tinh="Nữ")
    back = paper(
        "back",
        "cccd_mat_sau",
        mrz_1=f"IDVNM1950002174{NUMBER}<<3",
        mrz_2="9503147M3503148VNM<<<<<<<<<<<2",
        mrz_3="TRINH<<THI<HUYEN<<<<<<<<<<<<<<",
    )
    assert differences(front, back) == [("name", ["Trịnh Thị Huyền", "TRỊNH THỊ HUYÊN"]), ("sex", ["Nữ", "Nam"])]
    places = [
        place
        for difference in as_json(dossiers([front, back])[0])["differences"]
        for value in difference["values"]
        for place in value["places"]
    ]
    assert {place["from"] for place in places} >= {"qr", "print", "mrz"}
    assert all(place["box"] and place["page"] == 1 for place in places)


def test_a_difference_is_told_to_both_papers_and_an_address_stops_nobody() -> None:
    a = paper("a", so_dinh_danh=NUMBER, ho_ten="Lê Minh", noi_cu_tru="xã Hương Mẫu, tỉnh Hưng Yên")
    b = paper("b", so_dinh_danh=NUMBER, ho_ten="Lê Ninh", noi_cu_tru="phường Hoa Lư, tỉnh Ninh Bình")
    (dossier,) = dossiers([a, b])
    for one, other in ((a, b), (b, a)):
        told = {check.code: (check, blocking) for check, blocking in checks_of(one, dossier)}
        assert {code: blocking for code, (_, blocking) in told.items()} == {"dossier_differs": True, "dossier_address": False}
        check, _ = told["dossier_differs"]
        assert check.fields == ("ho_ten",) and check.result == "warning"
        assert other.name in check.text_vi and "trang 1" in check.text_vi and "page 1" in check.text_en


def test_a_reading_in_doubt_is_told_and_makes_no_other_paper_wait() -> None:
    a, b = paper("a", so_dinh_danh=NUMBER, ho_ten="Lê Minh"), paper("b", so_dinh_danh=NUMBER, ho_ten="Lê Ninh")
    doubted = changed(b, status="review")
    (dossier,) = dossiers([a, doubted])
    assert [blocking for _, blocking in checks_of(a, dossier)] == [False]
    assert [blocking for _, blocking in checks_of(doubted, dossier)] == [True]


def test_the_report_counts_papers_and_pages() -> None:
    report = as_json(dossiers([paper("a", ho_ten="x"), paper("b", ho_ten="y")])[0])
    assert report["counts"] == {"documents": 2, "pages": 2, "unknown": 0}
    assert [one["source"] for one in report["documents"]] == ["in/a.pdf", "in/b.pdf"]
