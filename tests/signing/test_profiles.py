from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from signing.keyholder import KeyProcess
from signing.model import VIETNAM, Facts
from signing.profiles import filled_lines, load_profile, profile_names
from signing.sign import sign_file
from sohoa.child import Child
from sohoa.errors import UsageError

RULES = {
    "person": "Nghị định 30/2020/NĐ-CP",
    "agency": "Nghị định 30/2020/NĐ-CP",
    "attachment": "Nghị định 30/2020/NĐ-CP",
    "sao_y": "Nghị định 30/2020/NĐ-CP",
    "officer_scan": "Thông tư 01/2023/TT-VPCP",
    "cv7197": "Công văn 7197/BKHCN-CĐSQG",
    "invisible": "Luật Giao dịch điện tử",
}
FACTS = Facts(datetime(2026, 4, 20, 7, 30, 45, tzinfo=VIETNAM))


def test_every_profile_names_its_law() -> None:
    assert set(profile_names()) == set(RULES)
    for name, law in RULES.items():
        assert law in load_profile(name).legal_basis.vi


@pytest.mark.parametrize("name", ["attachment", "sao_y"])
def test_decree_30_wants_black_upright_ten_points(name: str) -> None:
    profile = load_profile(name)
    assert (profile.font, profile.font_size, profile.colour) == ("LiberationSerif-Regular", 10, (0, 0, 0))
    assert profile.image == "never"


def test_the_time_is_iso_8601_with_vietnams_zone() -> None:
    (number, time) = filled_lines(load_profile("attachment"), replace(FACTS, document_number="05/QĐ-UBND"), "")
    assert (number, time) == ("05/QĐ-UBND", "2026-04-20T07:30:45+07:00")


def test_a_name_nobody_gave_is_the_certificates() -> None:
    assert filled_lines(load_profile("cv7197"), FACTS, "Nguyễn Thị Ví Dụ")[0] == "Người ký: Nguyễn Thị Ví Dụ"


def test_a_missing_fact_is_asked_for_by_name() -> None:
    with pytest.raises(UsageError) as refused:
        filled_lines(load_profile("attachment"), FACTS, "")
    assert refused.value.code == "profile_fact_missing"
    assert refused.value.facts == {"profile": "attachment", "fact": "document_number"}


def test_a_line_of_empty_optional_facts_is_left_out() -> None:
    assert len(filled_lines(load_profile("person"), FACTS, "A")) == 2
    assert len(filled_lines(load_profile("person"), replace(FACTS, position="Chủ tịch"), "A")) == 3


@pytest.mark.parametrize("name", ["nobody", "../person", "person.yaml", ""])
def test_an_unknown_profile_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="profile_unknown"):
        load_profile(name)


def test_an_operators_profile_stands_before_ours(tmp_path: Path) -> None:
    text = (
        "name: cv7197\nversion: 2\nlegal_basis: {vi: Quy chế nội bộ, en: Internal rule}\nvalid_from: 2026-01-01\nvalid_to: null\n"
        "place: {kind: corner, corner: bottom_left}\nlines: ['{signer}']\n"
    )
    (tmp_path / "cv7197.yaml").write_text(text, encoding="utf8")
    (tmp_path / "dau_den.yaml").write_text(text.replace("cv7197", "dau_den"), encoding="utf8")
    assert load_profile("cv7197", tmp_path).place.corner == "bottom_left"
    assert load_profile("sao_y", tmp_path).place.corner == "top_right"
    assert "dau_den" in profile_names(tmp_path)


@pytest.mark.parametrize("text", ["", "name: x", "- 1", "name: broken\nplace: 5", "\t:"])
def test_a_profile_of_the_wrong_form_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text(text, encoding="utf8")
    with pytest.raises(UsageError, match="profile_unreadable"):
        load_profile("broken", tmp_path)


def test_a_profile_out_of_force_signs_nothing(born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime) -> None:
    ended = replace(load_profile("invisible"), valid_to=date(2021, 1, 1))
    coming = replace(load_profile("invisible"), valid_from=(now + timedelta(days=2)).date())
    for profile in (ended, coming):
        with pytest.raises(UsageError, match="profile_not_in_force"):
            sign_file(born_digital, tmp_path / "s.pdf", officer, profile, "b", child, None, Facts(now))
    assert list(tmp_path.iterdir()) == []
