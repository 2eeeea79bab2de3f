"""Trusted lists of ETSI TS 119 612: which authority's services were granted when, signed by the list's operator.

`read_list` runs in the child: it believes a list only when one of the given certificates signed it (XAdES, clause 5.7.1).
What it keeps is small and plain: for each service certificate its purpose and the periods in which its status was one
that grants trust, from the service's history (clause 5.6). The trust folder keeps that as `<name>.tsl.json`.
"""

import base64
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

from lxml import etree
from lxml.etree import _Element as Element

from sohoa.errors import SohoaError
from verification.services import ListedService, Period, TrustedList

_TSL = "{http://uri.etsi.org/02231/v2#}"
_PURPOSES = {"CA": "signature", "TSA": "timestamp"}
# Clause 5.5.4 and annex D.5, with the words used before 2016.
_GRANTING = frozenset(
    ("granted", "recognisedatnationallevel", "setbynationallaw", "undersupervision", "supervisionincessation", "accredited")
)
_LARGEST = 40 << 20


def read_list(xml: bytes, signers: Iterable[bytes]) -> TrustedList:
    """The list in `xml`, believed because one of the DER certificates `signers` signed it.

    Raises SohoaError trusted_list_unsigned (no signature of theirs holds), trusted_list_unreadable.
    """
    if len(xml) > _LARGEST:
        raise SohoaError("trusted_list_unreadable")
    signed = next((found for found in (_signed_part(xml, der) for der in signers) if found is not None), None)
    if signed is None:
        raise SohoaError("trusted_list_unsigned")
    try:
        return _read(signed)
    except (ValueError, AttributeError, TypeError, KeyError):
        raise SohoaError("trusted_list_unreadable") from None


def _signed_part(xml: bytes, der: bytes) -> Element | None:
    """The list as the signature covers it; None when this certificate's signature does not hold."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.x509 import load_der_x509_certificate
    from signxml.exceptions import SignXMLException
    from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

    configuration = XAdESSignatureConfiguration(require_x509=True, expect_references=True)
    try:
        found = XAdESVerifier().verify(xml, x509_cert=load_der_x509_certificate(der), expect_config=configuration)
    except (SignXMLException, InvalidSignature, etree.XMLSyntaxError, ValueError, TypeError, AttributeError, KeyError, LookupError):
        return None
    parts = (one.signed_xml for one in found if one.signed_xml is not None)
    return next((part for part in parts if part.tag == f"{_TSL}TrustServiceStatusList"), None)


def _read(root: Element) -> TrustedList:
    scheme = root.find(f"{_TSL}SchemeInformation")
    assert scheme is not None  # noqa: S101 - turned into a code by the caller's except
    following = scheme.findtext(f"{_TSL}NextUpdate/{_TSL}dateTime")
    return TrustedList(
        territory=(scheme.findtext(f"{_TSL}SchemeTerritory") or "").strip(),
        sequence=int(scheme.findtext(f"{_TSL}TSLSequenceNumber") or ""),
        issued=_moment(scheme.findtext(f"{_TSL}ListIssueDateTime")) or "",
        next_update=_moment(following),
        services=tuple(one for service in root.iter(f"{_TSL}TSPService") for one in _services(service)),
    )


def _services(service: Element) -> list[ListedService]:
    """One entry for each certificate of a service that issues certificates or timestamps."""
    current = service.find(f"{_TSL}ServiceInformation")
    if current is None:
        return []
    kind = (current.findtext(f"{_TSL}ServiceTypeIdentifier") or "").partition("/Svctype/")[2].partition("/")[0]
    if kind not in _PURPOSES:
        return []
    states = sorted(_state(one) for one in (current, *service.iter(f"{_TSL}ServiceHistoryInstance")))
    ends = [after for _, (after, _) in pairwise(states)]
    granted = tuple(Period(start, end) for (start, name), end in zip(states, [*ends, None], strict=True) if name in _GRANTING)
    certificates = [base64.b64decode(node.text or "") for node in current.iter(f"{_TSL}X509Certificate")]
    return [ListedService(base64.b64encode(der).decode(), _PURPOSES[kind], granted) for der in dict.fromkeys(certificates)]


def _state(information: Element) -> tuple[str, str]:
    start = _moment(information.findtext(f"{_TSL}StatusStartingTime"))
    status = (information.findtext(f"{_TSL}ServiceStatus") or "").rstrip("/").rpartition("/")[2].lower()
    if start is None:
        raise ValueError
    return start, status


def _moment(text: str | None) -> str | None:
    if not text or not text.strip():
        return None
    moment = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
