"""The QR seal: what an office vouches for on a printed copy, signed, in a code that any scanner and phone can read.

The format is that of the European health certificates (HCERT): CBOR claims in a COSE_Sign1 envelope (RFC 9052, ES256),
compressed with zlib, written in base45 (RFC 9285) behind the prefix `VN1:`. Claims are a CBOR map with small keys:

    1 issuer   2 kind (1: certified copy)   3 number   4 book   5 day, as yyyymmdd   6 title of the document
    7 pages of the copy   8 [[label, value], ...]   9 first 16 bytes of the text's SHA-256, when there is text

A seal proves that the issuer's key sealed these claims, and nothing about what is printed around it: whoever reads it must
compare the claims with the print. A seal copied onto another paper is still a sound seal. It replaces neither the
electronic copy with its two signatures nor the original.

`read_seal` parses foreign bytes: it belongs into the killable child.
"""

import base64
import binascii
import hashlib
import re
import unicodedata
import zlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct

from sohoa.errors import SohoaError, UsageError

PREFIX = "VN1:"
# Longer texts need more than 97 modules a side at error level M, which is too fine for 200 dpi at a size a page has room for.
LONGEST = 900
ISSUERS_FILE = "seal-issuers.yaml"

SealState = Literal["sound", "forged", "issuer_unknown", "key_out_of_time", "key_revoked", "unreadable"]

_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {character: value for value, character in enumerate(_BASE45)}
_LARGEST = 8192
_COSE_SIGN1 = 18
_ES256 = {1: -7}
_KEY_ID = 4
_KEY_ID_BYTES = 8
_DIGEST_BYTES = 16
_SIGNATURE_BYTES = 64


class Claims(Struct, frozen=True):
    """What is sealed. `fields` are (label, value) as printed; `text` is the digest of `text_digest`, empty without text."""

    issuer: str
    number: str
    book: str
    day: date
    title: str
    pages: int
    fields: tuple[tuple[str, str], ...] = ()
    text: bytes = b""


class Seal(Struct, frozen=True):
    """A seal as read, nothing believed yet."""

    claims: Claims
    key_id: bytes
    signed: bytes
    signature: bytes


class SealIssuer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """An office whose seals are believed: one entry of `seal-issuers.yaml` in the trust folder.

    `key` is the DER SubjectPublicKeyInfo in base64. The key seals from `since` to `to`; its seals are believed until `believed_until`
    (default `to`), which an office extends when it destroyed the key in time. A `revoked` key's seals are never believed.
    """

    name: str
    key: str
    since: date
    to: date
    believed_until: date | None = None
    revoked: date | None = None

    @property
    def key_id(self) -> bytes:
        """The first 8 bytes of the SHA-256 of the public key."""
        return key_id(base64.b64decode(self.key))


class _Issuers(msgspec.Struct, forbid_unknown_fields=True):
    issuers: tuple[SealIssuer, ...]


def to_sign(claims: Claims, public_key: bytes) -> bytes:
    """The bytes that the issuer's key signs with ECDSA and SHA-256 (RFC 9052 §4.4); `public_key` is DER SubjectPublicKeyInfo."""
    return _sig_structure(_protected(key_id(public_key)), _payload(claims))


def seal_text(claims: Claims, public_key: bytes, signature: bytes) -> str:
    """The text of the QR code; `signature` is DER as key holders give it.

    Raises SohoaError seal_too_large when the claims are too long for a code that a 200-dpi scan still resolves.
    """
    import cbor2
    from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

    r, s = decode_dss_signature(signature)
    raw = r.to_bytes(_SIGNATURE_BYTES // 2, "big") + s.to_bytes(_SIGNATURE_BYTES // 2, "big")
    envelope = cbor2.CBORTag(_COSE_SIGN1, [_protected(key_id(public_key)), {}, _payload(claims), raw])
    text = PREFIX + base45(zlib.compress(cbor2.dumps(envelope), 9))
    if len(text) > LONGEST:
        raise SohoaError("seal_too_large", characters=len(text), most=LONGEST)
    return text


def read_seal(text: str) -> Seal | None:
    """The seal in a code's text; None for anything that is not exactly this format."""
    import cbor2

    if not text.startswith(PREFIX) or len(text) > 4 * LONGEST:
        return None
    try:
        unpacker = zlib.decompressobj()
        envelope = cbor2.loads(unpacker.decompress(from_base45(text.removeprefix(PREFIX)), _LARGEST))
        if unpacker.unconsumed_tail or not unpacker.eof or unpacker.unused_data:
            return None
        if envelope.tag != _COSE_SIGN1:
            return None
        protected, _, payload, signature = envelope.value
        header = cbor2.loads(protected)
        if header[1] != _ES256[1] or len(signature) != _SIGNATURE_BYTES or len(header[_KEY_ID]) != _KEY_ID_BYTES:
            return None
        return Seal(_claims(cbor2.loads(payload)), header[_KEY_ID], _sig_structure(protected, payload), signature)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, EOFError, RecursionError, zlib.error, cbor2.CBORDecodeError):
        return None


def check_seal(seal: Seal, issuers: Iterable[SealIssuer], today: date) -> SealState:
    """What `seal` is worth under these issuers. Only "sound" says that its claims are the issuer's."""
    known = [issuer for issuer in issuers if issuer.key_id == seal.key_id]
    if not known:
        return "issuer_unknown"
    signers = [issuer for issuer in known if _signed_by(seal, issuer)]
    if not any(issuer.name == seal.claims.issuer for issuer in signers):
        return "forged"
    if any(issuer.revoked for issuer in signers):
        return "key_revoked"
    day = seal.claims.day
    in_time = any(
        issuer.since <= day <= issuer.to and day <= today <= (issuer.believed_until or issuer.to)
        for issuer in signers
        if issuer.name == seal.claims.issuer
    )
    return "sound" if in_time else "key_out_of_time"


def load_issuers(file: Path) -> tuple[SealIssuer, ...]:
    """The offices of a `seal-issuers.yaml`; raises UsageError seal_issuers_broken."""
    try:
        issuers = msgspec.yaml.decode(file.read_bytes(), type=_Issuers).issuers
        for issuer in issuers:
            _public_key(issuer)
    except (msgspec.MsgspecError, ValueError, OSError):
        raise UsageError("seal_issuers_broken") from None
    return issuers


def text_digest(pages: Iterable[str]) -> bytes:
    """A digest of what the pages say: letters and digits alone, composed and in one case, so that line breaks do not matter.

    Empty when the pages hold no text.
    """
    whole = "".join(c for page in pages for c in unicodedata.normalize("NFC", page).casefold() if c.isalnum())
    return hashlib.sha256(whole.encode()).digest()[:_DIGEST_BYTES] if whole else b""


def key_id(public_key: bytes) -> bytes:
    """How a seal names its key: the first 8 bytes of the SHA-256 of the DER SubjectPublicKeyInfo."""
    return hashlib.sha256(public_key).digest()[:_KEY_ID_BYTES]


def base45(data: bytes) -> str:
    """RFC 9285 §4: two bytes in three characters, least significant first."""
    out: list[str] = []
    for start in range(0, len(data), 2):
        pair = data[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, rest = divmod(value, 45)
            out.append(_BASE45[rest])
    return "".join(out)


def from_base45(text: str) -> bytes:
    """The bytes of `base45`; raises ValueError."""
    out = bytearray()
    for start in range(0, len(text), 3):
        group = text[start : start + 3]
        if len(group) == 1 or any(character not in _VALUES for character in group):
            raise ValueError("base45")
        value = sum(_VALUES[character] * 45**place for place, character in enumerate(group))
        try:
            out += value.to_bytes(len(group) - 1, "big")
        except OverflowError:
            raise ValueError("base45") from None
    return bytes(out)


def _protected(identifier: bytes) -> bytes:
    import cbor2

    return cbor2.dumps({**_ES256, _KEY_ID: identifier}, canonical=True)


def _payload(claims: Claims) -> bytes:
    import cbor2

    day = claims.day.year * 10_000 + claims.day.month * 100 + claims.day.day
    content: dict[int, Any] = {1: claims.issuer, 2: 1, 3: claims.number, 4: claims.book, 5: day, 6: claims.title, 7: claims.pages}
    if claims.fields:
        content[8] = [list(pair) for pair in claims.fields]
    if claims.text:
        content[9] = claims.text
    return cbor2.dumps(content, canonical=True)


def _sig_structure(protected: bytes, payload: bytes) -> bytes:
    import cbor2

    return cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)


def _claims(content: Any) -> Claims:
    """The claims of a payload; raises TypeError, ValueError or KeyError for anything unexpected."""
    if set(content) - set(range(1, 10)) or content[2] != 1:
        raise ValueError("claims")
    day = content[5]
    words = (content[1], content[3], content[4], content[6])
    fields = tuple((_clean(label), _clean(value)) for label, value in content.get(8, []))
    text = content.get(9, b"")
    if not (isinstance(day, int) and isinstance(content[7], int) and isinstance(text, bytes)):
        raise TypeError("claims")
    issuer, number, book, title = map(_clean, words)
    return Claims(issuer, number, book, date(day // 10_000, day // 100 % 100, day % 100), title, content[7], fields, text)


def _clean(word: Any) -> str:
    if not isinstance(word, str):
        raise TypeError("claims")
    return re.sub(r"[\x00-\x1f\x7f]", " ", unicodedata.normalize("NFC", word))


def _signed_by(seal: Seal, issuer: SealIssuer) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

    half = _SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (seal.signature[:half], seal.signature[half:]))
    try:
        _public_key(issuer).verify(encode_dss_signature(r, s), seal.signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _public_key(issuer: SealIssuer) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    try:
        key = load_der_public_key(base64.b64decode(issuer.key, validate=True))
    except binascii.Error:
        raise ValueError("key") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("curve")
    return key
