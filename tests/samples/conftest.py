"""The committed samples, and the same samples drawn again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from samples.__main__ import main

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"


@dataclass(frozen=True)
class Case:
    """A committed file and its truth."""

    path: Path
    truth: dict[str, Any]


def _cases() -> list[Case]:
    truths = [json.loads(path.read_text(encoding="utf8")) for path in sorted(DRAWN.glob("*.json"))]
    return [Case(DRAWN / truth["file"], truth) for truth in truths]


CASES = _cases()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests may ask for any readable sample, a born-digital one, one made of pixels, or a signed one."""
    chosen = {
        "readable": [case for case in CASES if case.truth["condition"] != "bad"],
        "born_digital": [case for case in CASES if case.truth["condition"] == "clean"],
        "pictured": [case for case in CASES if case.truth["pages"] and case.truth["pages"][0]["transform"]],
        "signed": [case for case in CASES if "signatures" in case.truth["expect"]],
    }
    for name, cases in chosen.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases, ids=[case.path.name for case in cases])


@pytest.fixture(scope="session")
def drawn() -> Path:
    """The folder of the committed samples."""
    return DRAWN


@pytest.fixture(scope="session")
def redrawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which everything was drawn again."""
    out = tmp_path_factory.mktemp("redrawn")
    assert main([str(out)]) == 0
    return out
