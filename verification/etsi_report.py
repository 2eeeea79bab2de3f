"""The verdict as a validation report of ETSI TS 119 102-2 (V1.2.1), for programs that know that format.

One SignatureValidationReport per signature and document timestamp, in the order of the file; every check is a validation
constraint (clause 4.3.3) with its own status. Names are masked as in every public output.
"""

import base64
from collections.abc import Iterable
from pathlib import PurePath

from lxml import etree
from lxml.etree import _Element as Element

from sohoa.checks import Check
from verification.model import Indication, SecondOpinion, SignatureVerdict, Verdict

_VR = "http://uri.etsi.org/19102/v1.2.1#"
_DS = "http://www.w3.org/2000/09/xmldsig#"
_XADES = "http://uri.etsi.org/01903/v1.3.2#"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
_INDICATIONS: dict[Indication, str] = {
    "TOTAL-PASSED": "total-passed",
    "TOTAL-FAILED": "total-failed",
    "INDETERMINATE": "indeterminate",
}
_PROCESSES = {"B-T": "LTVM", "B-LT": "LTVM", "B-LTA": "LTA"}


def report_xml(verdict: Verdict, file: str) -> bytes:
    """A whole XML document in UTF-8, valid against the schema of TS 119 102-2; a file without signatures has one report that says so."""
    root = etree.Element(_vr("ValidationReport"), nsmap={"vr": _VR, "ds": _DS, "XAdES": _XADES})
    for number, signature in enumerate(verdict.signatures, 1):
        _signature(etree.SubElement(root, _vr("SignatureValidationReport")), signature, number, verdict, file)
    if not verdict.signatures:
        report = etree.SubElement(root, _vr("SignatureValidationReport"))
        _constraints(report, verdict, verdict.checks)
        _document(report, verdict)
        _status(report, verdict.indication, verdict.sub_indication)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _signature(report: Element, signature: SignatureVerdict, number: int, verdict: Verdict, file: str) -> None:
    """The children in the order that SignatureValidationReportType demands (clause 4.3.1)."""
    identifier = etree.SubElement(report, _vr("SignatureIdentifier"), id=f"signature-{number}")
    _text(identifier, "HashOnly", "false")
    _text(identifier, "DocHashOnly", "false")
    _text(identifier, "DAIdentifier", signature.field or f"{PurePath(file).name}#{number}")
    _constraints(report, verdict, (*verdict.checks, *signature.checks), signature.second_opinion)
    times = etree.SubElement(report, _vr("ValidationTimeInfo"))
    _text(times, "ValidationTime", verdict.checked_at)
    best = etree.SubElement(times, _vr("BestSignatureTime"))
    _text(best, "POETime", signature.proven_time or verdict.checked_at)
    _text(best, "TypeOfProof", "urn:etsi:019102:poetype:validation")
    _document(report, verdict)
    if signature.claimed_time:
        attributes = etree.SubElement(report, _vr("SignatureAttributes"))
        _text(etree.SubElement(attributes, _vr("SigningTime"), Signed="true"), "Time", signature.claimed_time)
    if signature.signer:
        signer = etree.SubElement(report, _vr("SignerInformation"))
        etree.SubElement(signer, _vr("SignerCertificate"))
        _text(signer, "Signer", signature.signer)
    process = etree.SubElement(report, _vr("SignatureValidationProcess"))
    _text(process, "SignatureValidationProcessID", f"urn:etsi:019102:validationprocess:{_PROCESSES.get(signature.level, 'Basic')}")
    _status(report, signature.indication, signature.sub_indication)


def _constraints(report: Element, verdict: Verdict, checks: Iterable[Check], second: SecondOpinion | None = None) -> None:
    evaluation = etree.SubElement(report, _vr("ValidationConstraintsEvaluationReport"))
    policy = etree.SubElement(evaluation, _vr("SignatureValidationPolicy"))
    etree.SubElement(etree.SubElement(policy, _vr("SignaturePolicyIdentifier")), f"{{{_XADES}}}SignaturePolicyImplied")
    _text(policy, "PolicyName", f"{verdict.policy} {verdict.policy_version}".strip())
    for check in checks:
        constraint = etree.SubElement(evaluation, _vr("ValidationConstraint"))
        _text(constraint, "ValidationConstraintIdentifier", f"urn:sohoa:check:{check.code}")
        applied = "applied" if check.result in ("passed", "failed") else "disabled" if check.result == "not_made" else "overridden"
        _text(etree.SubElement(constraint, _vr("ConstraintStatus")), "Status", f"urn:etsi:019102:constraintStatus:{applied}")
        result: Indication = {"passed": "TOTAL-PASSED", "failed": "TOTAL-FAILED"}.get(check.result, "INDETERMINATE")  # type: ignore[assignment]
        if check.code == "second_opinion" and second:
            _status(constraint, second.indication, second.sub_indication, "ValidationStatus")
        else:
            _status(constraint, result, None, "ValidationStatus")


def _document(report: Element, verdict: Verdict) -> None:
    document = etree.SubElement(report, _vr("SignersDocument"))
    digest = etree.SubElement(document, _vr("DigestAlgAndValue"))
    etree.SubElement(digest, f"{{{_DS}}}DigestMethod", Algorithm=_SHA256)
    value = etree.SubElement(digest, f"{{{_DS}}}DigestValue")
    value.text = base64.b64encode(bytes.fromhex(verdict.sha256)).decode()


def _status(parent: Element, indication: Indication, sub_indication: str | None, name: str = "SignatureValidationStatus") -> None:
    status = etree.SubElement(parent, _vr(name))
    _text(status, "MainIndication", f"urn:etsi:019102:mainindication:{_INDICATIONS[indication]}")
    if sub_indication:
        _text(status, "SubIndication", f"urn:etsi:019102:subindication:{sub_indication}")


def _text(parent: Element, name: str, content: str) -> None:
    etree.SubElement(parent, _vr(name)).text = "".join(c for c in content if c.isprintable())


def _vr(name: str) -> str:
    return f"{{{_VR}}}{name}"
