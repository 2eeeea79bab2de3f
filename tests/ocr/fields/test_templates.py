"""Templates are data that is checked before it is believed."""

import pytest

from ocr.fields.templates import load_templates, read_template
from sohoa.errors import UsageError

GOOD = """
slug: don_xin_nuoc
version: "2026"
legal_basis: Quyết định của xã
titles: [ĐƠN XIN CẤP NƯỚC SẠCH]
fields:
  - {name: ho_ten, label: "Tôi tên là", type: name}
  - {name: dia_chi, label: "Địa chỉ"}
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "don_xin_nuoc.yaml").write_text(GOOD, encoding="utf-8")
    load_templates.cache_clear()
    return tmp_path


def test_every_template_that_comes_with_the_product_is_valid():
    templates = load_templates(None)
    assert {"ct01", "to_khai_dang_ky_khai_sinh", "giay_khai_sinh", "van_ban_hanh_chinh"} <= {template.slug for template in templates}
    assert all(template.legal_basis for template in templates)


def test_both_versions_of_a_form_are_known_with_their_dates():
    versions = {template.version: template for template in load_templates(None) if template.slug == "to_khai_dang_ky_khai_sinh"}
    assert versions["TT04/2020/TT-BTP"].valid_to < versions["TT04/2024/TT-BTP"].valid_from


def test_a_file_in_a_folder_adds_a_form(folder, paper, by_name):
    page = paper().title("ĐƠN XIN CẤP NƯỚC SẠCH").row("Tôi tên là: Phạm Thu Hà").row("Địa chỉ: phường Hoa Lư")
    extraction = page.read(templates=str(folder))
    assert extraction.template == "don_xin_nuoc"
    assert by_name(extraction)["ho_ten"].value == "Phạm Thu Hà"
    assert page.read().template is None


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        (GOOD.replace("type: name", "type: nme"), "$.fields[0].type"),
        (GOOD.replace("name: dia_chi", "name: ho_ten"), "$.fields[1].name"),
        (GOOD.replace('label: "Địa chỉ"', 'label: "…"'), "$.fields[1].label"),
        (GOOD + "rules: [{code: no_such_rule, fields: [ho_ten]}]\n", "$.rules[0].code"),
        (GOOD + "rules: [{code: seri_format, fields: [nowhere]}]\n", "$.rules[0].fields"),
        (GOOD.replace("titles: [ĐƠN XIN CẤP NƯỚC SẠCH]", "titles: []"), "$.titles"),
        (GOOD + "colour: red\n", "colour"),
        (GOOD + "based_on: nowhere\n", "$.based_on"),
        ("slug: [", "line"),
    ],
)
def test_a_wrong_template_is_refused_with_file_and_place(folder, broken, place):
    (folder / "don_xin_nuoc.yaml").write_text(broken, encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        load_templates(str(folder))
    assert refused.value.code == "template_invalid"
    assert refused.value.facts["file"] == "don_xin_nuoc.yaml"
    assert place in str(refused.value.facts["where"])


def test_a_folder_that_is_not_there_is_said_so(tmp_path):
    load_templates.cache_clear()
    with pytest.raises(UsageError) as refused:
        load_templates(str(tmp_path / "nothing"))
    assert refused.value.code == "template_folder_missing"


def test_a_template_written_as_changes_takes_the_rest_from_its_base(folder):
    (folder / "newer.yaml").write_text(
        'slug: don_xin_nuoc\nversion: "2027"\nlegal_basis: x\nbased_on: don_xin_nuoc\nwithout: [dia_chi]\nrelabel: {ho_ten: "Họ và tên"}\n',
        encoding="utf-8",
    )
    newer = next(template for template in load_templates(str(folder)) if template.version == "2027")
    assert [(entry.name, entry.label) for entry in newer.fields] == [("ho_ten", "Họ và tên")]
    assert newer.titles == ("ĐƠN XIN CẤP NƯỚC SẠCH",)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xff\xfe\x00slug")
    with pytest.raises(UsageError):
        read_template(path)


def test_every_form_has_the_version_before_with_its_dates():
    versions = {}
    for template in load_templates(None):
        versions.setdefault(template.slug, []).append(template)
    for slug in ("ct01", "to_khai_dang_ky_khai_sinh", "giay_de_nghi_dang_ky_ho_kinh_doanh", "don_dang_ky_bien_dong_dat_dai",
                 "don_de_nghi_cap_giay_phep_xay_dung", "to_khai_le_phi_truoc_ba_01_lptb", "to_khai_yeu_cau_cap_phieu_ly_lich_tu_phap",
                 "to_khai_xac_nhan_tinh_trang_hon_nhan", "to_khai_cap_ban_sao_trich_luc_ho_tich"):  # fmt: skip
        assert any(template.valid_to for template in versions[slug]), slug
        assert len(versions[slug]) > 1, slug


def test_the_old_peoples_card_is_known_with_its_nine_figures(paper, by_name):
    page = paper().title("GIẤY CHỨNG MINH NHÂN DÂN").row((200, "Số 024163973")).row("Họ tên: Lê Văn Sơn").row("Sinh ngày: 03/04/1985")
    extraction = page.row("Nguyên quán: xã Gia Viễn, tỉnh Ninh Bình").read()
    found = by_name(extraction)
    assert (extraction.template, found["so"].value, found["ngay_sinh"].value) == ("cmnd_mat_truoc", "024163973", "1985-04-03")


def test_a_version_written_as_changes_keeps_the_rules_about_a_table_s_cells():
    for slug in ("giay_de_nghi_dang_ky_ho_kinh_doanh", "ct01"):
        newer, *older = [template for template in load_templates(None) if template.slug == slug][::-1]
        for template in older:
            assert {rule.fields for rule in newer.rules} == {rule.fields for rule in template.rules}, template.version
