"""Metadata says what the paper says, in the scheme's lengths, and tells what it lacks."""

import json
from typing import Any

from lxml import etree

from ocr.export.delivered import Delivered, DeliveredField, DeliveredPage
from ocr.export.metadata import as_object, as_xml, record, schemes, type_name
from ocr.fields.templates import load_templates

DECISION = {
    "so_ky_hieu": "87/QĐ-UBND", "ngay_ban_hanh": "2026-09-07", "co_quan_ban_hanh": "ỦY BAN NHÂN DÂN XÃ HƯƠNG MẪU", "ten_loai": "QUYẾT ĐỊNH",
    "trich_yeu": "Về việc ban hành Quy trình <số hóa> & lưu trữ", "nguoi_ky": "Đỗ Quang Thuận", "chuc_vu": "CHỦ TỊCH",
}  # fmt: skip
FACTS = {"doc_code": "G06.01_CV_000021_V1", "organ_id": "000.00.16.H05", "ordinal": "3", "confidence_level": "Số hóa", "format": "PDF/A-2b"}


def paper(template: str | None = "van_ban_hanh_chinh", status: str = "accepted", **values: Any) -> Delivered:
    fields = tuple(DeliveredField(key, key, None, "text", value, str(value), "print", 1, None, status) for key, value in values.items())
    return Delivered(template, "1", tuple(DeliveredPage(n, (210.0, 297.0), "read") for n in (1, 2, 3)), fields)


def faults(scheme: str, document: Delivered, facts: dict[str, str] = FACTS) -> dict[str, str]:
    return {problem.element: problem.fault for problem in record(scheme, document, facts).problems}


def test_a_decision_gives_the_elements_of_the_decree_and_comes_back_from_xml() -> None:
    made = record("nd30", paper(**DECISION), FACTS)
    assert not made.problems
    root = etree.fromstring(as_xml(made))
    read = {path: root.findtext(path) for path in made.values}
    assert read == dict(made.values)
    assert (read["CodeNumber"], read["CodeNotation"], read["IssuedDate"]) == ("87", "QĐ-UBND", "2026-09-07")
    assert (read["SignerInfo/Position"], read["SignerInfo/FullName"]) == ("CHỦ TỊCH", "Đỗ Quang Thuận")
    assert len(root.findall("SignerInfo")) == len(root.findall("FileCode")) == 1
    assert [child.tag for child in root][:3] == ["FileCode", "DocOrdinal", "TypeName"]


def test_the_same_record_as_json_has_numbers_as_numbers() -> None:
    made = json.loads(json.dumps(as_object(record("nd30", paper(**DECISION), FACTS))))
    assert (made["PageAmount"], made["DocOrdinal"]) == (3, 3)
    assert made["SignerInfo"] == {"Position": "CHỦ TỊCH", "FullName": "Đỗ Quang Thuận"}


def test_a_complete_decision_is_ready_for_the_guide() -> None:
    made = record("cv7197", paper(**DECISION), FACTS)
    assert not made.problems
    assert made.values["DocCode"] == "G06.01_CV_000021_V1" and made.values["TypeName"] == "Quyết định"


def test_empty_stays_empty_and_what_is_required_is_told() -> None:
    made = record("cv7197", paper(so_ky_hieu="87/QĐ-UBND"), {})
    assert set(made.values) == {"CodeNumber", "CodeNotation", "PageAmount"}
    assert faults("cv7197", paper(so_ky_hieu="87/QĐ-UBND"), {}) == dict.fromkeys(
        ("DocCode", "TypeName", "IssuedDate", "OrganName", "Subject"), "missing"
    )
    assert not record("nd30", paper(), {}).problems


def test_a_value_that_is_too_long_is_left_out_and_told_never_cut() -> None:
    long = paper(**(DECISION | {"so_ky_hieu": "123456789012/QĐ-UBND", "trich_yeu": "x" * 501}))
    made = record("cv7197", long, FACTS)
    assert not {"CodeNumber", "Subject"} & set(made.values)
    assert faults("cv7197", long) == {"CodeNumber": "too_long", "Subject": "too_long"}


def test_a_value_that_waits_for_review_is_given_and_told() -> None:
    made = record("cv7197", paper(status="review", **DECISION), FACTS)
    assert made.values["OrganName"] and faults("cv7197", paper(status="review", **DECISION))["OrganName"] == "unconfirmed"


def test_a_year_alone_is_no_date_of_issue() -> None:
    assert faults("cv7197", paper(**(DECISION | {"ngay_ban_hanh": "2026"}))) == {"IssuedDate": "missing"}


def test_the_nine_minimum_data_of_a_birth_certificate() -> None:
    certificate = paper(
        "giay_khai_sinh", so="45/2026", so_dinh_danh="033326000731", ngay_dang_ky="2026-09-15", noi_dang_ky="UBND xã Hương Mẫu", ho_ten="x"
    )
    made = record("tt01", certificate, {"type_code": "KQ.G03.000012"})
    assert not made.problems
    assert dict(made.values) == {
        "MaLoaiGiayTo": "KQ.G03.000012", "SoDinhDanh": "033326000731", "TenGiayTo": "Giấy khai sinh", "SoKyHieu": "45/2026",
        "NgayCap": "2026-09-15", "CoQuanCap": "UBND xã Hương Mẫu",
    }  # fmt: skip


def test_a_paper_of_no_known_form_is_called_by_its_own_title_which_a_person_confirms() -> None:
    made = record("tt01", paper(None), {"title": "GIẤY ỦY QUYỀN NHẬN THAY", "type_code": "x"})
    assert made.values["TenGiayTo"] == "Giấy ủy quyền nhận thay"
    assert {problem.element: problem.fault for problem in made.problems} == {"TenGiayTo": "unconfirmed", "SoDinhDanh": "missing"}
    assert "TenGiayTo" not in record("tt01", paper(None), {}).values


def test_every_form_of_the_product_has_a_name_for_lists() -> None:
    nameless = {one.slug for one in load_templates(None) if not type_name(paper(one.slug))}
    assert nameless == {"van_ban_hanh_chinh"}  # it prints its own kind


def test_every_scheme_names_its_law() -> None:
    assert all(scheme.legal_basis for scheme in schemes().values())
