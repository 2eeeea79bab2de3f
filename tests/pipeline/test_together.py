"""When a batch is over its papers are compared, and what follows is written where it belongs, once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from ocr.export.document import document_json
from ocr.model import Extraction, Field, Page, Quality
from ocr.tasks import Assembled
from pipeline.together import look_across
from sohoa.checks import check
from verification.model import Verdict
from verification.verify import verify as verify_file

DRAWN = Path(__file__).parents[2] / "samples" / "drawn"
NUMBER = "033195000217"


def never(file: Path) -> Verdict:
    raise AssertionError(f"{file.name} was verified")


def deliver(out: Path, name: str, person: str, reason: str | None = None, **row: Any) -> dict[str, Any]:
    values = (("ho_ten", person), ("so_dinh_danh", NUMBER), ("dien_tich", 86.50))
    fields = tuple(
        Field(
            key,
            key,
            None,
            "text",
            value,
            str(value),
            0.99,
            "print",
            1,
            (1.0, 2.0, 3.0, 4.0),
            "accepted",
            None,
            (check("id_length", "passed", digits=12),),
        )
        for key, value in values
    )
    pages = (Page(1, (210.0, 297.0), 300.0, 0, 0.0, Quality(), "read"),)
    (out / name).mkdir(parents=True)
    (out / name / "document.json").write_bytes(document_json(Extraction("ct01", "1", fields), pages, Assembled("PDF/A-2b", reason)))
    (out / name / "document.txt").write_text(person + "\f", encoding="utf8")
    made = {
        "name": name,
        "source": f"in/{name}.pdf",
        "sha256": name,
        "status": "done",
        "error_code": None,
        "signed_as": None,
        "verdict": None,
    }
    return made | {"fields_accepted": 3, "fields_review": 0} | row


def states(out: Path, name: str) -> dict[str, tuple[str, str | None]]:
    content = json.loads((out / name / "document.json").read_bytes())
    return {field["name"]: (field["status"], field["reason_code"]) for field in content["fields"]}


def test_contradicted_fields_wait_for_a_person_and_keep_their_values(tmp_path: Path) -> None:
    rows = [deliver(tmp_path, "a", "LÊ MINH"), deliver(tmp_path, "b", "LÊ NINH")]
    before = [json.loads((tmp_path / name / "document.json").read_bytes()) for name in "ab"]
    together = look_across(tmp_path, rows, never)
    assert [(row["status"], row["fields_accepted"], row["fields_review"]) for row in together.rows] == [("review", 2, 1)] * 2
    assert states(tmp_path, "a") == {
        "ho_ten": ("review", "dossier_differs"),
        "so_dinh_danh": ("accepted", None),
        "dien_tich": ("accepted", None),
    }
    for old, name in zip(before, "ab", strict=True):
        new = json.loads((tmp_path / name / "document.json").read_bytes())
        assert [field["value"] for field in new["fields"]] == [field["value"] for field in old["fields"]]
        assert [one["code"] for one in new["checks"]] == ["dossier_differs"]
        assert [one["code"] for one in new["fields"][0]["checks"]] == ["id_length", "dossier_differs"]
    assert together.amended == {"a", "b"}


def test_comparing_again_changes_nothing_and_what_agrees_again_is_free(tmp_path: Path) -> None:
    rows = [deliver(tmp_path, "a", "LÊ MINH"), deliver(tmp_path, "b", "LÊ NINH")]
    first = look_across(tmp_path, rows, never)
    bytes_of = [(tmp_path / name / "document.json").read_bytes() for name in "ab"]
    again = look_across(tmp_path, first.rows, never)
    assert again.rows == first.rows
    assert [(tmp_path / name / "document.json").read_bytes() for name in "ab"] == bytes_of
    shutil.rmtree(tmp_path / "b")
    alone = look_across(tmp_path, [first.rows[0]], never)
    assert (alone.rows[0]["status"], states(tmp_path, "a")["ho_ten"]) == ("done", ("accepted", None))


def test_papers_that_agree_are_left_as_they_are(tmp_path: Path) -> None:
    rows = [deliver(tmp_path, "a", "LÊ MINH"), deliver(tmp_path, "b", "Lê Minh")]
    before = [(tmp_path / name / "document.json").read_bytes() for name in "ab"]
    together = look_across(tmp_path, rows, never)
    assert list(together.rows) == rows and not together.amended
    assert [(tmp_path / name / "document.json").read_bytes() for name in "ab"] == before


def test_a_document_that_was_not_delivered_is_no_part_of_a_dossier(tmp_path: Path) -> None:
    failed = {"name": "x", "source": "in/x.pdf", "sha256": "x", "status": "failed", "error_code": "pdf_damaged"}
    together = look_across(tmp_path, [deliver(tmp_path, "a", "LÊ MINH"), failed], never)
    assert together.rows[1] == failed
    (dossier,) = json.loads((tmp_path / "dossiers.json").read_bytes())
    assert [paper["name"] for paper in dossier["documents"]] == ["a"]


def test_what_waits_for_review_is_not_left_signed(tmp_path: Path) -> None:
    rows = [deliver(tmp_path, "a", "LÊ MINH", signed_as="officer", verdict="valid"), deliver(tmp_path, "b", "LÊ NINH")]
    for name in ("signed.pdf", "verification.json"):
        (tmp_path / "a" / name).write_bytes(b"x")
    (row, _) = look_across(tmp_path, rows, never).rows
    assert (row["status"], row["signed_as"], row["verdict"], row["error_code"]) == ("review", None, None, "dossier_unsigned")
    assert row["message_vi"] and row["message_en"]
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["document.json", "document.txt"]


@pytest.mark.parametrize("upload", ["decision.signed.pdf"])
def test_a_signed_upload_keeps_its_own_signatures_when_ours_is_taken_back(tmp_path: Path, upload: str) -> None:
    row = deliver(tmp_path, "a", "LÊ MINH", "signed_kept", signed_as="officer", verdict="valid")
    shutil.copyfile(DRAWN / upload, tmp_path / "a" / "document.pdf")
    (tmp_path / "a" / "signed.pdf").write_bytes(b"x")
    together = look_across(tmp_path, [row, deliver(tmp_path, "b", "LÊ NINH")], lambda file: verify_file(file.read_bytes()))
    assert together.rows[0]["verdict"] == "indeterminate"
    content = json.loads((tmp_path / "a" / "document.json").read_bytes())
    verdict = json.loads((tmp_path / "a" / "verification.json").read_bytes())
    assert len(content["signatures"]) == len(verdict["signatures"]) == 2
    assert not (tmp_path / "a" / "signed.pdf").exists()
