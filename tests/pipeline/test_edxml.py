"""A package for the national document axis says what it was given, and is read again as it was written."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from pipeline.edxml import Attachment, Package, facts_of, fill, pack, schema, unpack
from signing.model import VIETNAM
from sohoa.errors import SohoaError

RECORD = {
    "CodeNumber": "12",
    "CodeNotation": "QĐ-UBND",
    "IssuedDate": "2026-03-02",
    "TypeName": "Quyết định",
    "Subject": "Về việc <thử> & “nghiệm”",
    "OrganName": "Ủy ban nhân dân phường A",
    "PageAmount": "2",
}
NOW = datetime(2026, 3, 3, 8, 30, tzinfo=VIETNAM)
TO = {"000.00.01.H01": "Sở Tư pháp", "000.00.02.H01": "Sở Nội vụ"}
PDF = Attachment("quyết định.pdf", "application/pdf", b"%PDF-1.7 \x00\xff")


def test_header_references_and_the_pdf_stand_where_the_axis_looks_for_them() -> None:
    values, problems = fill(facts_of(RECORD, {"organ_id": "000.00.09.H01", "signer": "Người Ký"}, NOW), TO)
    assert problems == ()
    content = pack(Package(values, (PDF,)))
    space = {"e": schema().namespace, "x": "http://www.w3.org/1999/xlink"}
    root = etree.fromstring(content)
    header = "e:edXMLEnvelope/e:edXMLHeader/e:MessageHeader"
    assert root.xpath(f"{header}/e:To/e:OrganId/text()", namespaces=space) == list(TO)
    assert root.xpath(f"{header}/e:To/e:OrganName/text()", namespaces=space) == list(TO.values())
    assert root.xpath(f"{header}/e:From/*", namespaces=space)[1].text == RECORD["OrganName"]
    assert root.xpath(f"string({header}/e:PromulgationInfo/e:PromulgationDate)", namespaces=space) == "2026/03/02"
    assert root.xpath(f"string({header}/e:DocumentId)", namespaces=space) == "000.00.09.H01,2026/03/02,12/QĐ-UBND"
    assert [child.tag.rpartition("}")[2] for child in root.xpath(header, namespaces=space)[0]] == [
        "From",
        "To",
        "To",
        "Code",
        "PromulgationInfo",
        "DocumentType",
        "Subject",
        "SignerInfo",
        "OtherInfo",
        "DocumentId",
    ]
    reference = root.xpath("e:edXMLEnvelope/e:edXMLBody/e:edXMLManifest/e:Reference", namespaces=space)[0]
    (inside,) = root.xpath("e:AttachmentEncoded/e:Attachment/e:ContentId/text()", namespaces=space)
    assert reference.get("{http://www.w3.org/1999/xlink}href") == f"cid:{inside}"
    assert unpack(content) == Package(values, (PDF,))


def test_what_is_not_known_is_left_out_and_told_when_it_is_required() -> None:
    values, problems = fill(facts_of({**RECORD, "Subject": "", "CodeNotation": ""}, {"organ_id": "000.00.09.H01"}, NOW), {})
    lacking = {problem.element.rpartition("/")[2]: problem.fault for problem in problems}
    assert lacking == {"OrganId": "missing", "Subject": "missing", "CodeNotation": "missing", "DocumentId": "missing"}
    assert "MessageHeader/Subject" not in values
    _, long = fill(facts_of({**RECORD, "Subject": "x" * 501}, {"organ_id": "1"}, NOW), TO)
    assert [(problem.element, problem.fault) for problem in long] == [("MessageHeader/Subject", "too_long")]


TEXT = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=30)


@given(
    texts=st.dictionaries(st.sampled_from([element.path for element in schema().elements]), TEXT, max_size=18),
    body=st.binary(max_size=200),
)
def test_every_package_is_read_as_it_was_written(texts: dict[str, str], body: bytes) -> None:
    package = Package({path: (text,) for path, text in texts.items()}, (Attachment("a.pdf", "application/pdf", body),))
    assert unpack(pack(package)) == package


@pytest.mark.parametrize("content", [b"", b"<a/>", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"])
def test_what_is_no_package_is_refused(content: bytes) -> None:
    with pytest.raises(SohoaError, match="edxml_unreadable"):
        unpack(content)
