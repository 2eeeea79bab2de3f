"""A private key on a PKCS#11 token or HSM, inside the key holder: one login for its whole life, and one session,
used by one thread: a library is not told that several would come (PKCS#11 v3.0 §5.4.1), and some crash when they do.

A wrong PIN is reported and never tried again, and a PIN is not tried at all when the token says that it is locked or
that one more mistake would lock it: an officer whose token is locked must travel to have it opened. A token that has
been pulled out stays away until somebody opens the identity again, with the PIN.
"""

import hashlib
import re
from pathlib import Path
from typing import Any

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pkcs11 import MGF, Attribute, KeyType, Mechanism, ObjectClass, TokenFlag, exceptions

from sohoa.errors import SohoaError

_PIN = (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange, exceptions.UserPinNotInitialized)
_LOCKED = (exceptions.PinLocked, exceptions.PinExpired)
# What a pulled-out token answers differs from vendor to vendor; each of these ends the one session we have.
_GONE = (
    exceptions.DeviceRemoved,
    exceptions.DeviceError,
    exceptions.TokenNotPresent,
    exceptions.TokenNotRecognised,
    exceptions.NoSuchToken,
    exceptions.SessionHandleInvalid,
    exceptions.SessionClosed,
    exceptions.SlotIDInvalid,
    exceptions.ObjectHandleInvalid,
    exceptions.KeyHandleInvalid,
    exceptions.UserNotLoggedIn,
)
_MECHANISM = (
    exceptions.MechanismInvalid,
    exceptions.MechanismParamInvalid,
    exceptions.KeyTypeInconsistent,
    exceptions.FunctionNotSupported,
)
_PSS = {
    "sha256": (Mechanism.SHA256_RSA_PKCS_PSS, Mechanism.SHA256, MGF.SHA256),
    "sha384": (Mechanism.SHA384_RSA_PKCS_PSS, Mechanism.SHA384, MGF.SHA384),
    "sha512": (Mechanism.SHA512_RSA_PKCS_PSS, Mechanism.SHA512, MGF.SHA512),
}
_V15 = {"sha256": Mechanism.SHA256_RSA_PKCS, "sha384": Mechanism.SHA384_RSA_PKCS, "sha512": Mechanism.SHA512_RSA_PKCS}
# DER of DigestInfo before the digest (RFC 8017 §9.2, note 1), for tokens that leave the hashing to us.
_DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}
_LARGEST_MODULE_LIST = 64


class TokenKey:
    """The private key `key` (its label, or its id in hex) of the token `token` (label or serial number) behind `module`.

    Empty names mean "the only one". `certificates` may name a PEM or DER file, for devices that store none.
    Raises SohoaError token_module_unreadable, token_missing, token_ambiguous, pin_wrong, pin_locked, pin_last_try,
    key_missing, key_ambiguous, identity_unreadable, token_failed.
    """

    def __init__(self, module: str, token: str, key: str, certificates: str, pin: bytes) -> None:
        try:
            library = pkcs11.lib(module)
        except Exception:  # noqa: BLE001 - a file that is no PKCS#11 module fails in its loader's own words
            raise SohoaError("token_module_unreadable") from None
        try:
            found = _token(library, token)
            self._mechanisms = frozenset(found.slot.get_mechanisms())
            self._pin = _pin(found, pin)
            session = found.open(user_pin=self._pin)
            self._key = _private_key(session, key)
            self._asks_each_time = _asks_each_time(self._key)
            self.certificate, self.chain = _certificates(session, self._key, Path(certificates) if certificates else None)
        except exceptions.PKCS11Error as error:
            raise SohoaError(error_code(error)) from None
        if not self._asks_each_time:
            self._pin = ""

    def sign(self, attributes: bytes, mechanism: str, digest: str) -> bytes:
        """The raw signature; ECDSA as a DER sequence. Raises SohoaError key_cannot_sign, token_missing, token_failed and PIN codes."""
        try:
            if mechanism == "ecdsa" and self._key.key_type == KeyType.EC:
                value = self._sign(hashlib.new(digest, attributes).digest(), Mechanism.ECDSA)
                half = len(value) // 2
                return encode_dss_signature(int.from_bytes(value[:half], "big"), int.from_bytes(value[half:], "big"))
            if mechanism in ("rsassa_pss", "rsassa_pkcs1v15") and self._key.key_type == KeyType.RSA:
                return self._rsa(attributes, mechanism, digest)
        except exceptions.PKCS11Error as error:
            raise SohoaError(error_code(error)) from None
        raise SohoaError("key_cannot_sign")

    def _rsa(self, attributes: bytes, mechanism: str, digest: str) -> bytes:
        """Hashed on the token where it can, else here: some tokens know only the plain mechanisms."""
        hashed = hashlib.new(digest, attributes).digest()
        if mechanism == "rsassa_pss":
            whole, own, mask = _PSS[digest]
            parameters = (own, mask, len(hashed))
            if whole in self._mechanisms:
                return self._sign(attributes, whole, parameters)
            return self._sign(hashed, Mechanism.RSA_PKCS_PSS, parameters)
        if _V15[digest] in self._mechanisms:
            return self._sign(attributes, _V15[digest])
        return self._sign(_DIGEST_INFO[digest] + hashed, Mechanism.RSA_PKCS)

    def _sign(self, data: bytes, mechanism: Mechanism, parameters: object = None) -> bytes:
        pin = self._pin if self._asks_each_time else None
        return bytes(self._key.sign(data, mechanism=mechanism, mechanism_param=parameters, pin=pin))


def error_code(error: exceptions.PKCS11Error) -> str:
    """Our code for what a PKCS#11 module said."""
    if isinstance(error, _PIN):
        return "pin_wrong"
    if isinstance(error, _LOCKED):
        return "pin_locked"
    if isinstance(error, _GONE):
        return "token_missing"
    return "key_cannot_sign" if isinstance(error, _MECHANISM) else "token_failed"


def may_try_pin(flags: TokenFlag) -> None:
    """Refuse a try that cannot succeed, or that could be the last. Raises SohoaError pin_locked, pin_last_try."""
    if flags & TokenFlag.USER_PIN_LOCKED:
        raise SohoaError("pin_locked")
    if flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise SohoaError("pin_last_try")


def _token(library: Any, wanted: str) -> Any:
    present = [slot.get_token() for slot in library.get_slots(token_present=True)[:_LARGEST_MODULE_LIST]]
    present = [token for token in present if token.flags & TokenFlag.TOKEN_INITIALIZED]
    if wanted:
        present = [token for token in present if wanted in (token.label, token.serial.decode("latin-1").strip("\0 "))]
    if not present:
        raise SohoaError("token_missing")
    if len(present) > 1:
        raise SohoaError("token_ambiguous", tokens=len(present))
    return present[0]


def _pin(token: Any, pin: bytes) -> Any:
    """The PIN as the library wants it; a device with keys of its own asks for it itself."""
    if token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH and not pin:
        return pkcs11.types.PROTECTED_AUTH
    may_try_pin(token.flags)
    try:
        text = pin.decode("utf-8")
    except UnicodeDecodeError:
        raise SohoaError("pin_wrong") from None
    if not text:
        raise SohoaError("pin_wrong")
    return text


def _private_key(session: Any, wanted: str) -> Any:
    keys = list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}))
    if wanted:
        by_label = [key for key in keys if key.label == wanted]
        by_id = [key for key in keys if re.fullmatch(r"([0-9A-Fa-f]{2})+", wanted) and bytes(key.id) == bytes.fromhex(wanted)]
        keys = by_label or by_id
    else:
        keys = [key for key in keys if key.key_type in (KeyType.RSA, KeyType.EC)]
    if not keys:
        raise SohoaError("key_missing")
    if len(keys) > 1:
        raise SohoaError("key_ambiguous", keys=len(keys))
    return keys[0]


def _asks_each_time(key: Any) -> bool:
    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except (exceptions.AttributeTypeInvalid, exceptions.AttributeSensitive):
        return False


def _certificates(session: Any, key: Any, file: Path | None) -> tuple[bytes, tuple[bytes, ...]]:
    """(the key's own certificate, the others), DER."""
    own_id = bytes(key.id or b"")
    found: list[tuple[bytes, x509.Certificate]] = []
    for stored in session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE}):
        try:
            found.append((bytes(stored[Attribute.ID] or b""), x509.load_der_x509_certificate(bytes(stored[Attribute.VALUE]))))
        except (ValueError, exceptions.AttributeTypeInvalid):
            continue  # an attribute certificate, or one of another kind
    found += [(b"", certificate) for certificate in (_from_file(file) if file else [])]
    matching = [certificate for _, certificate in found if _belongs(certificate, key)]
    # A renewed certificate stands beside the old one of the same key: the one that holds longest is the one in use.
    own = max(matching, key=lambda certificate: certificate.not_valid_after_utc, default=None)
    if own is None:
        same_id = [certificate for identifier, certificate in found if own_id and identifier == own_id]
        own = same_id[0] if len(same_id) == 1 and _modulus(key) is None else None
    if own is None:
        raise SohoaError("identity_unreadable")
    others = dict.fromkeys(one.public_bytes(Encoding.DER) for _, one in found if one not in matching)
    return own.public_bytes(Encoding.DER), tuple(others)


def _from_file(path: Path) -> list[x509.Certificate]:
    try:
        content = path.read_bytes()
        return x509.load_pem_x509_certificates(content) if b"-----BEGIN" in content else [x509.load_der_x509_certificate(content)]
    except (OSError, ValueError):
        raise SohoaError("identity_unreadable") from None


def _modulus(key: Any) -> int | None:
    """The modulus of an RSA private key; tokens need not tell the point of an elliptic one."""
    try:
        return int.from_bytes(key[Attribute.MODULUS], "big") if key.key_type == KeyType.RSA else None
    except exceptions.PKCS11Error:
        return None


def _belongs(certificate: x509.Certificate, key: Any) -> bool:
    """Whether certificate and private key are one pair, as far as the token can show it."""
    modulus = _modulus(key)
    if modulus is not None:
        public = certificate.public_key()
        return getattr(public, "public_numbers", None) is not None and getattr(public.public_numbers(), "n", None) == modulus  # type: ignore[union-attr]
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return any(spki.endswith(point) for point in _points(key))


def _points(key: Any) -> list[bytes]:
    """The public points stored beside an elliptic private key under its id, without their OCTET STRING header."""
    try:
        twins = list(key.session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: key.id}))
        raw = [bytes(twin[Attribute.EC_POINT]) for twin in twins if twin.key_type == KeyType.EC]
    except exceptions.PKCS11Error:
        return []
    header = 2
    return [point[header:] if point[:1] == b"\x04" and point[1:header] == bytes([len(point) - header]) else point for point in raw]
