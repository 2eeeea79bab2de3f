"""One CMS signature (RFC 5652) taken apart: who signed, over which digest, and whether the numbers fit.

Nothing here decides trust. Whatever asn1crypto throws at a hostile or odd structure becomes `problem`, a code.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms, core, pdf, tsp, x509
from asn1crypto import parser as asn1_parser
from msgspec import Struct

from verification.algorithms import DIGESTS, Key, Scheme, digest_of, key_of, scheme_of, signature_fits

_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_ADOBE_REVOCATION = "1.2.840.113583.1.1.8"
_SIGNING_CERTIFICATE = {"1.2.840.113549.1.9.16.2.12": "sha1", "1.2.840.113549.1.9.16.2.47": "sha256"}
_MOST_CERTIFICATES = 100


class Message(Struct, frozen=True):
    """A CMS signature and what could be found out about it without trust.

    `problem`: cms_unreadable, cms_not_signed_data, cms_signers, cms_encapsulated, cms_no_digest, cms_signer_missing,
    cms_algorithm_unknown; None when all could be checked. `digest_fits` and `signature_fits` are None when not decided.
    `reference`: "fits", "differs" or "absent" (the signing-certificate attribute, EN 319 122-1, 5.2.2).
    `token_time` is set for timestamp tokens (RFC 3161). DER bytes throughout.
    """

    problem: str | None = None
    digest: str | None = None
    scheme: str | None = None
    key: Key | None = None
    digest_fits: bool | None = None
    signature_fits: bool | None = None
    algorithms_agree: bool = True
    reference: str = "absent"
    signer: bytes | None = None
    certificates: tuple[bytes, ...] = ()
    signature: bytes = b""
    claimed_time: datetime | None = None
    token_time: datetime | None = None
    timestamps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    hidden_bytes: int = 0

    @property
    def sound(self) -> bool:
        """Digest and signature value both fit, and no part contradicts another."""
        return self.problem is None and self.digest_fits is True and self.signature_fits is True and self.algorithms_agree


Digest = Callable[[str], bytes]


def read_message(contents: bytes, digest: Digest, content: Callable[[], bytes], subfilter: str, extra: tuple[bytes, ...] = ()) -> Message:
    """Check a signature over content that the caller can digest; `content` gives the bytes where a scheme needs them.

    `extra` are certificates known from elsewhere, for messages that carry none of their own.
    """
    try:
        return _read(contents, digest, content, subfilter, extra)
    except Exception:  # noqa: BLE001 - asn1crypto raises many kinds on hostile input; all mean the same here
        return Message(problem="cms_unreadable")


def read_token(token: bytes, stamped: Callable[[str], bytes], extra: tuple[bytes, ...] = ()) -> Message:
    """Check an RFC 3161 token; `stamped(digest name)` gives the digest of what it should be about."""
    return read_message(token, stamped, lambda: b"", "ETSI.RFC3161", extra)


def _read(contents: bytes, digest: Digest, content: Callable[[], bytes], subfilter: str, extra: tuple[bytes, ...]) -> Message:
    length = asn1_parser.peek(contents)
    hidden = len(contents[length:].strip(b"\0"))
    info = cms.ContentInfo.load(contents[:length])
    if info["content_type"].native != "signed_data":
        return Message(problem="cms_not_signed_data", hidden_bytes=hidden)
    signed = info["content"]
    certificates = _certificates(signed)
    if len(signed["signer_infos"]) != 1:
        return Message(problem="cms_signers", certificates=certificates, hidden_bytes=hidden)
    signer_info = signed["signer_infos"][0]
    known = (*certificates, *extra)
    signer = next((c for c in known if _is_signer(c, signer_info["sid"])), None)
    name = DIGESTS.get(signer_info["digest_algorithm"]["algorithm"].dotted)
    scheme = scheme_of(signer_info["signature_algorithm"])
    attributes = signer_info["signed_attrs"]
    # Taken before anything looks inside: asn1crypto sorts a set once its members have been read.
    encoded = b"" if isinstance(attributes, core.Void) else bytes(attributes.dump())
    has_attributes = not isinstance(attributes, core.Void) and len(attributes) > 0
    unsigned = signer_info["unsigned_attrs"]
    found = {
        "digest": name,
        "scheme": scheme.kind if scheme else None,
        "signer": signer,
        "certificates": certificates,
        "signature": signer_info["signature"].native,
        "hidden_bytes": hidden,
        "timestamps": _timestamps(unsigned),
        **_revocation(signed, attributes if has_attributes else None),
    }
    if name is None or scheme is None:
        return Message(problem="cms_algorithm_unknown", **found)
    inner = signed["encap_content_info"]["content"]
    inner_bytes = inner.contents if isinstance(inner, core.OctetString) and inner.contents is not None else None
    inner_bytes = inner.native if inner_bytes is not None and not isinstance(inner, core.ParsableOctetString) else _octets(inner)
    content_fits, expected, token_time = _expected(signed, inner_bytes, digest, subfilter, name)
    if content_fits is None:
        return Message(problem="cms_encapsulated", **found)
    found["token_time"] = token_time
    if has_attributes:
        values = _values(attributes)
        stated = values.get("1.2.840.113549.1.9.4")
        if stated is None:
            return Message(problem="cms_no_digest", **found)
        found["claimed_time"] = _time(values.get("1.2.840.113549.1.9.5"))
        found["reference"] = _reference(values, signer)
        kind = values.get("1.2.840.113549.1.9.3")
        agrees = kind is not None and kind.native == signed["encap_content_info"]["content_type"].native
        # Some old programs put the document's digest inside, state it as the message digest, and call all that detached.
        fits = content_fits and stated.native in (expected, inner_bytes if subfilter != "ETSI.RFC3161" else expected)
    else:
        agrees, fits = True, content_fits
    if signer is None:
        return Message(problem="cms_signer_missing", digest_fits=fits, **found)
    spki = x509.Certificate.load(signer)["tbs_certificate"]["subject_public_key_info"].dump()
    digest_name = scheme.digest or name
    if not scheme.signs_message and digest_name != name and scheme.digest is not None:
        agrees = False  # RFC 5652, 5.3: the two must be one; DSS calls such a file not intact
    if has_attributes:
        verified = _attributes_signed(encoded, spki, scheme, digest_name, found["signature"])
    else:
        value = (inner_bytes or content()) if scheme.signs_message else expected
        verified = signature_fits(spki, scheme, digest_name, value, found["signature"])
    problem = "cms_algorithm_unknown" if verified is None else None
    return Message(problem=problem, key=key_of(spki), digest_fits=fits, signature_fits=verified, algorithms_agree=agrees, **found)


def _attributes_signed(encoded: bytes, spki: bytes, scheme: Scheme, digest: str, signature: bytes) -> bool | None:
    """Whether the signed attributes were signed: as they stand, or in DER when they stand otherwise (RFC 5652, 5.4).

    DER sorts the members of a set; programs disagree on whether to sort before signing, after, or never.
    """
    verified: bool | None = None
    members = _split(asn1_parser.parse(encoded)[4])
    for signed_bytes in dict.fromkeys((b"\x31" + encoded[1:], _set_of(members), _set_of(sorted(members)))):
        value = signed_bytes if scheme.signs_message else digest_of(digest, signed_bytes)
        verified = signature_fits(spki, scheme, digest, value, signature)
        if verified is not False:
            break
    return verified


def _split(contents: bytes) -> list[bytes]:
    """The encodings that stand one after the other in `contents`."""
    parts, at = [], 0
    while at < len(contents):
        length = asn1_parser.peek(contents[at:])
        parts.append(contents[at : at + length])
        at += length
    return parts


def _set_of(members: list[bytes]) -> bytes:
    encoded: bytes = asn1_parser.emit(0, 1, 17, b"".join(members))
    return encoded


def _expected(signed: Any, inner: bytes | None, digest: Digest, subfilter: str, name: str) -> tuple[bool | None, bytes, datetime | None]:
    """(the content is what it must be, the digest the message must state, time of a timestamp token).

    None instead of a bool when content stands inside where none may be.
    """
    if subfilter == "ETSI.RFC3161":
        if inner is None or signed["encap_content_info"]["content_type"].native != "tst_info":
            return None, b"", None
        info = tsp.TSTInfo.load(inner)
        imprint = info["message_imprint"]
        stamped = DIGESTS.get(imprint["hash_algorithm"]["algorithm"].dotted)
        fits = stamped is not None and imprint["hashed_message"].native == digest(stamped)
        return fits, digest_of(name, inner), info["gen_time"].native
    if subfilter == "adbe.pkcs7.sha1":
        return (None, b"", None) if inner is None else (inner == digest("sha1"), digest_of(name, inner), None)
    if not inner:
        return True, digest(name), None
    # Some old programs put the digest of the document inside and call the signature detached all the same.
    return (True, digest_of(name, inner), None) if inner == digest("sha1") else (None, b"", None)


def _octets(inner: Any) -> bytes | None:
    if inner is None or isinstance(inner, core.Void):
        return None
    value: bytes = bytes(inner) if isinstance(inner, core.OctetString | core.ParsableOctetString) else inner.parsed.dump()
    return value


def _certificates(signed: Any) -> tuple[bytes, ...]:
    choices = signed["certificates"]
    if isinstance(choices, core.Void):
        return ()
    return tuple(choice.chosen.dump() for choice in list(choices)[:_MOST_CERTIFICATES] if choice.name == "certificate")


def _is_signer(certificate: bytes, sid: Any) -> bool:
    try:
        tbs = x509.Certificate.load(certificate)
        if sid.name == "subject_key_identifier":
            return bool(tbs.key_identifier == sid.chosen.native)
        if tbs.serial_number != sid.chosen["serial_number"].native:
            return False
        return bool(tbs.issuer.dump() == sid.chosen["issuer"].dump() or tbs.issuer == sid.chosen["issuer"])
    except (ValueError, TypeError, KeyError):
        return False


def _values(attributes: Any) -> dict[str, Any]:
    """Attributes that stand exactly once, with exactly one value."""
    found: dict[str, Any] = {}
    doubled = set()
    for attribute in attributes:
        oid = attribute["type"].dotted
        if oid in found or len(attribute["values"]) != 1:
            doubled.add(oid)
        else:
            found[oid] = attribute["values"][0]
    return {oid: value for oid, value in found.items() if oid not in doubled}


def _reference(values: dict[str, Any], signer: bytes | None) -> str:
    for oid, default in _SIGNING_CERTIFICATE.items():
        value = values.get(oid)
        if value is None:
            continue
        first = value["certs"][0]
        name = default
        if oid.endswith(".47"):
            name = DIGESTS.get(first["hash_algorithm"]["algorithm"].dotted, "")
        if not name or signer is None:
            return "differs"
        return "fits" if first["cert_hash"].native == digest_of(name, signer) else "differs"
    return "absent"


def _time(value: Any) -> datetime | None:
    moment = getattr(value, "native", None)
    if not isinstance(moment, datetime):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _timestamps(unsigned: Any) -> tuple[bytes, ...]:
    if isinstance(unsigned, core.Void):
        return ()
    return tuple(value.dump() for attribute in unsigned if attribute["type"].dotted == _TIMESTAMP for value in attribute["values"])


def _revocation(signed: Any, attributes: Any) -> dict[str, tuple[bytes, ...]]:
    """Evidence inside the message: RevocationInfoChoices and Adobe's revocation-information archival attribute."""
    crls: list[bytes] = []
    ocsps: list[bytes] = []
    choices = signed["crls"]
    if not isinstance(choices, core.Void):
        for choice in choices:
            (crls if choice.name == "crl" else ocsps).append(_choice(choice))
    for attribute in attributes or ():
        if attribute["type"].dotted == _ADOBE_REVOCATION:
            for value in attribute["values"]:
                archive = pdf.RevocationInfoArchival.load(value.dump())
                crls += [crl.dump() for crl in _members(archive["crl"])]
                ocsps += [ocsp.dump() for ocsp in _members(archive["ocsp"])]
    return {"crls": tuple(crls), "ocsps": tuple(ocsps)}


def _members(value: Any) -> Any:
    return () if isinstance(value, core.Void) else value


def _choice(choice: Any) -> bytes:
    if choice.name == "crl":
        return bytes(choice.chosen.dump())
    return bytes(choice.chosen["other_rev_info"].dump())
