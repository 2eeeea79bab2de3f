"""`verify` answers for every input there is, and no accident makes a file valid."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sohoa.child import Child
from verification.model import verdict_json
from verification.raw import scan
from verification.tasks import IS_SIGNED, PRELOAD, IsSigned, Verify, verify_in_child
from verification.verify import verify

QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_get_a_verdict_that_is_not_valid(data: bytes) -> None:
    verdict = verify(data)
    assert verdict.verdict in ("invalid", "indeterminate", "unsigned")
    assert verdict_json(verdict, "x.pdf")["file"] == "x.pdf"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=1500))
def test_any_bytes_behind_a_pdf_header_and_a_byte_range_get_a_verdict(data: bytes) -> None:
    whole = b"%PDF-1.7\n1 0 obj\n<</Type/Sig/ByteRange [0 9 20 5]/Contents <30>" + data + b">>\nendobj\n" + data
    assert verify(whole).verdict in ("invalid", "indeterminate", "unsigned")


@settings(max_examples=120, deadline=None, suppress_health_check=QUIET)
@given(at=st.floats(0, 1), cut=st.integers(0, 40), put=st.binary(max_size=40))
def test_no_accident_to_a_signed_file_keeps_it_valid(judge, twice, at: float, cut: int, put: bytes) -> None:
    place = int(at * len(twice))
    damaged = twice[:place] + put + twice[place + cut :]
    verdict = judge(damaged)
    if damaged != twice and verdict.verdict == "valid":
        # The one freedom there is: white space after the end, and the padding behind a signature's own bytes.
        gaps = [sig.gap for sig in scan(twice).signatures]
        assert damaged.rstrip(b"\r\n\t \0\x0c") == twice.rstrip(b"\r\n\t \0\x0c") or any(start < place < end for start, end in gaps)


def test_something_that_is_no_pdf_is_named_as_such() -> None:
    assert verify(b"<html></html>").reason_code == "not_pdf"


@pytest.fixture(scope="module")
def child():
    with Child(PRELOAD) as running:
        yield running


def test_the_child_answers_as_the_function_does(child, judge, pki, signed, tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(signed)
    there = verify_in_child(child, Verify(str(file), str(pki.trust)))
    assert (there.verdict, there.sha256, there.trust_version) == ("valid", judge(signed).sha256, judge(signed).trust_version)
    assert 0 < there.seconds < 10
    assert child.call(IS_SIGNED, IsSigned(str(file))).signed


def test_a_missing_file_and_a_wrong_policy_get_an_answer_through_the_child(child, tmp_path: Path) -> None:
    assert verify_in_child(child, Verify(str(tmp_path / "none.pdf"))).verdict == "indeterminate"
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    assert verify_in_child(child, Verify(str(tmp_path / "a.pdf"), policy="no-such")).reason_code == "policy_unknown"
