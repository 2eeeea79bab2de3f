"""`sohoa demo`: everything works, what is bad is refused, and the printed table can be read."""

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory):
    import os
    import subprocess
    import sys

    folder = tmp_path_factory.mktemp("demo")
    env = {**os.environ, "SOHOA_HOME": str(folder / "home")}
    done = subprocess.run(
        [sys.executable, "-P", "-m", "sohoa", "demo", "-o", folder / "out"], capture_output=True, text=True, env=env, timeout=400
    )
    return done, folder


def test_it_ends_well(demo) -> None:
    done, _ = demo
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "ngoài dự kiến" not in done.stdout


def test_it_tells_what_became_of_every_sample(demo, drawn: Path) -> None:
    done, folder = demo
    for sample in drawn.iterdir():
        if sample.suffix != ".json" and sample.with_suffix(".json").is_file():
            assert sample.name in done.stdout
    for word in (
        "pdf_encrypted",
        "pdf_damaged",
        "file_type_unknown",
        "HỢP LỆ",
        "Bản sao chứng thực số 1/",
        "KHÔNG HỢP LỆ",
        str(folder / "out"),
    ):
        assert word in done.stdout, word


def test_all_that_says_it_is_pdf_a_is(demo, verapdf) -> None:
    """Scans, photos, cards, what was signed in them, the search copy of a signed scan, and a certified copy."""
    import pikepdf

    said = set()
    for path in sorted((demo[1] / "out").rglob("*.pdf")):
        with pikepdf.open(path) as pdf:
            claims = str(pdf.open_metadata().get("pdfaid:part", ""))
        if claims and path.stem != "da-bi-sua":
            assert verapdf(path) == [], path
            said.add(path.name)
    assert {"document.pdf", "signed.pdf", "search-copy.pdf"} < said
    assert any(name.startswith("ban-sao") for name in said)


def test_the_trial_authority_is_trusted_nowhere_else(demo, sohoa) -> None:
    import json

    _, folder = demo
    (copy,) = (folder / "out" / "certified").glob("ban-sao-*.pdf")
    assert json.loads(sohoa("verify", copy, "--json", code=3).stdout)["verdict"] == "indeterminate"
