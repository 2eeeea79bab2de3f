"""Every code has its sentences, in both languages, and one home."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from sohoa.errors import SohoaError
from sohoa.messages import check_sentences, message, texts

ROOT = Path(__file__).parents[2]
ROOMS = ("sohoa", "pipeline", "ocr", "signing", "verification", "storage")
RESULTS = {"passed", "warning", "failed", "not_made"}


def calls(*names: str) -> dict[str, str]:
    """Every literal first argument of a call of one of `names` in our code, with the place it stands in."""
    found = {}
    for room in ROOMS:
        for file in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf8"))):
                if (
                    isinstance(node, ast.Call)
                    and node.args
                    and isinstance(node.args[0], ast.Constant)
                    and isinstance(node.args[0].value, str)
                ):
                    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                    if name in names:
                        found[node.args[0].value] = f"{file.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_code_that_is_raised_has_its_sentences() -> None:
    raised = calls("SohoaError", "UsageError", "message")
    assert len(raised) > 30
    without = {code: place for code, place in raised.items() if not {"vi", "en"} <= set(texts().get(code, {}))}
    assert not without


def test_a_code_has_one_home() -> None:
    homes: dict[str, str] = {}
    for file in sorted((ROOT / "sohoa" / "texts").glob("*.toml")):
        for code in tomllib.loads(file.read_text(encoding="utf8")):
            assert code not in homes, (code, homes[code], file.name)
            homes[code] = file.name


def test_every_message_says_what_happened_and_what_to_do_in_both_languages() -> None:
    for code, entry in texts().items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", code), code
        if RESULTS & set(entry):
            for result in RESULTS & set(entry):
                assert entry[result]["vi"].strip() and entry[result]["en"].strip(), (code, result)
        else:
            assert entry["vi"].strip() and entry["en"].strip(), code


def test_every_check_that_is_made_has_its_sentences() -> None:
    for code, place in calls("check").items():
        assert RESULTS & set(texts().get(code, {})), (code, place)


def test_a_missing_fact_does_not_hide_the_sentence() -> None:
    assert "?" in message("time_limit").vi
    assert "30" in message("time_limit", seconds=30).vi


def test_an_unknown_code_is_shown_rather_than_lost() -> None:
    assert "no_such_code" in message("no_such_code").vi


def test_a_check_without_text_for_its_result_is_an_error() -> None:
    with pytest.raises(KeyError):
        check_sentences("no_such_check", "failed")


def test_an_error_reads_as_code_cause_and_next_step() -> None:
    text = str(SohoaError("file_empty"))
    assert text.startswith("[file_empty]") and "upload it again" in text
