"""The report of ETSI TS 119 102-2, read back strictly by the schema's own classes."""

import dataclasses
from typing import Any

import pytest
from pyhanko.generated.etsi.ts_11910202 import ValidationReport
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from verification.etsi_report import report_xml
from verification.model import Verdict


def parsed(verdict: Verdict) -> ValidationReport:
    strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
    return XmlParser(config=strict).from_bytes(report_xml(verdict, "văn bản.pdf"), ValidationReport)


# Representations of the signed document are an alternative to its digest in the schema, which the classes do not express.
_ALTERNATIVES = {"SignersDocumentRepresentation"}


def missing(node: Any) -> list[str]:
    """What the schema requires and the report does not have."""
    found = []
    for field in dataclasses.fields(node):
        value, meta = getattr(node, field.name), field.metadata
        name = str(meta.get("name", field.name))
        if name not in _ALTERNATIVES and ((meta.get("required") and value is None) or (meta.get("min_occurs") and not value)):
            found.append(f"{type(node).__name__}.{name}")
        for item in value if isinstance(value, tuple) else (value,):
            if dataclasses.is_dataclass(item):
                found += missing(item)
    return found


@pytest.fixture
def verdicts(judge, signed: bytes, twice: bytes, sign, paper: bytes) -> dict[str, Verdict]:
    return {
        "valid": judge(signed),
        "two": judge(twice),
        "long_term": judge(sign(paper, long_term=True)),
        "altered": judge(signed.replace(b"/Sig1", b"/Sig9") if b"/Sig1" in signed else signed[:-20]),
        "unsigned": judge(paper),
        "nothing": judge(b"hello"),
    }


def test_every_kind_of_verdict_makes_a_report_that_the_schema_allows(verdicts: dict[str, Verdict]) -> None:
    for name, verdict in verdicts.items():
        assert missing(parsed(verdict)) == [], name


def test_the_indication_and_sub_indication_are_the_standards_words(verdicts: dict[str, Verdict], judge, signed: bytes) -> None:
    def status(verdict: Verdict) -> tuple[str | None, tuple[str, ...]]:
        said = parsed(verdict).signature_validation_report[0].signature_validation_status
        assert said is not None
        return said.main_indication, said.sub_indication

    assert status(verdicts["valid"]) == ("urn:etsi:019102:mainindication:total-passed", ())
    broken = bytearray(signed)
    broken[signed.index(b"/MediaBox") + 12] ^= 1
    assert status(judge(bytes(broken))) == ("urn:etsi:019102:mainindication:total-failed", ("urn:etsi:019102:subindication:HASH_FAILURE",))
    assert status(verdicts["unsigned"])[0] == "urn:etsi:019102:mainindication:indeterminate"


def test_each_signature_has_its_own_report_and_process(verdicts: dict[str, Verdict]) -> None:
    assert len(parsed(verdicts["two"]).signature_validation_report) == 2
    process = parsed(verdicts["long_term"]).signature_validation_report[0].signature_validation_process
    assert process is not None
    assert process.signature_validation_process_id == "urn:etsi:019102:validationprocess:LTA"


def test_the_document_is_named_by_its_digest(verdicts: dict[str, Verdict]) -> None:
    document = parsed(verdicts["valid"]).signature_validation_report[0].signers_document
    assert document is not None
    assert document.digest_alg_and_value is not None
    assert document.digest_alg_and_value.digest_value is not None
    assert document.digest_alg_and_value.digest_value.value.hex() == verdicts["valid"].sha256
