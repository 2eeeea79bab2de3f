"""Names come from patterns that an office sets; a mistake in one is told before anything is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.naming import check_naming, code, description, file_name
from sohoa.errors import UsageError
from sohoa.settings import NamingSettings

FACTS = {"mcq": "G06.01", "lv": "CV", "stt": 21, "pb": "V1", "date": "20250202", "desc": "SohoaTailieu", "doc_code": "G06.01_CV_000021_V1"}


def test_the_guides_own_examples() -> None:
    naming = NamingSettings()
    assert code(naming.doc_code, FACTS) == "G06.01_CV_000021_V1"
    assert file_name(naming.file, FACTS) == "G06.01_CV_000021_V1_20250202_SohoaTailieu"
    assert code("{mcq}_{lv}_{stt:05}_{pb}", FACTS) == "G06.01_CV_00021_V1"


def test_a_code_with_an_unknown_part_is_not_made_and_a_file_name_does_without() -> None:
    assert code("{mcq}_{lv}_{stt:06}_{pb}", FACTS | {"lv": ""}) == ""
    assert file_name("{doc_code}_{date}_{desc}", {"desc": "GiayKhaiSinh", "name": "x"}) == "GiayKhaiSinh"
    assert file_name("{doc_code}", {"name": "scan 01"}) == "scan 01"


@pytest.mark.parametrize("pattern", ["{mcq", "{unknown}_{stt}", "{stt:q}", "{mcq.__class__}", "{mcq[0]}", "plain", "{}"])
def test_a_faulty_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_naming(NamingSettings(file=pattern))
    assert refused.value.code == "pattern_invalid"


def test_a_description_has_no_marks_and_no_spaces() -> None:
    assert description("Tờ khai đăng ký khai sinh") == "ToKhaiDangKyKhaiSinh"


@given(st.text(), st.text())
def test_no_value_leads_out_of_the_folder(desc: str, number: str) -> None:
    made = file_name("{number}_{desc}", {"desc": desc, "number": number, "name": "x"})
    assert made and "/" not in made and "\\" not in made and not made.startswith(".") and "\x00" not in made
