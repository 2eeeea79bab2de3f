"""`verify` answers for every input there is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from verification.model import verdict_json
from verification.verify import verify


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=2000))
def test_any_bytes_get_a_verdict_that_is_not_valid(data: bytes) -> None:
    verdict = verify(data)

    assert verdict.verdict in ("invalid", "indeterminate", "unsigned")
    assert verdict_json(verdict, "x.pdf")["file"] == "x.pdf"


def test_something_that_is_no_pdf_is_named_as_such() -> None:
    assert verify(b"<html></html>").reason_code == "not_pdf"
