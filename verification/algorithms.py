"""Signature algorithms by their object identifiers, and the one place where a signature value is checked.

Sources: RFC 8017 (RSA), RFC 5758 and RFC 5480 (ECDSA), RFC 8419 (EdDSA), RFC 8702 (SHAKE), NIST CSOR (SHA-3), BSI TR-03111
(plain ECDSA). What is *allowed* is policy (TT 15/2025/TT-BKHCN, Phụ lục I); this module only says whether the numbers fit.
"""

import hashlib
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from msgspec import Struct

DIGESTS = {
    "1.2.840.113549.2.5": "md5",
    "1.3.14.3.2.26": "sha1",
    "1.3.36.3.2.1": "ripemd160",
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
    "2.16.840.1.101.3.4.2.4": "sha224",
    "2.16.840.1.101.3.4.2.5": "sha512_224",
    "2.16.840.1.101.3.4.2.6": "sha512_256",
    "2.16.840.1.101.3.4.2.7": "sha3_224",
    "2.16.840.1.101.3.4.2.8": "sha3_256",
    "2.16.840.1.101.3.4.2.9": "sha3_384",
    "2.16.840.1.101.3.4.2.10": "sha3_512",
    "2.16.840.1.101.3.4.2.11": "shake_128",
    "2.16.840.1.101.3.4.2.12": "shake_256",
    "2.16.840.1.101.3.4.2.18": "shake_256",
}
_RSA, _ECDSA, _DSA = "1.2.840.113549.1.1.", "1.2.840.10045.4.", "2.16.840.1.101.3.4.3."
_SIGNATURES: dict[str, tuple[str, str | None]] = {
    **{_RSA + last: ("rsa", name) for last, name in (("1", None), ("4", "md5"), ("5", "sha1"), ("11", "sha256"), ("12", "sha384"))},
    **{_RSA + last: ("rsa", name) for last, name in (("13", "sha512"), ("14", "sha224"), ("15", "sha512_224"), ("16", "sha512_256"))},
    **{_DSA + str(13 + i): ("rsa", f"sha3_{bits}") for i, bits in enumerate((224, 256, 384, 512))},
    "1.3.14.3.2.29": ("rsa", "sha1"),
    "1.3.36.3.3.1.2": ("rsa", "ripemd160"),
    _RSA + "10": ("pss", None),
    "1.2.840.10045.2.1": ("ecdsa", None),
    _ECDSA + "1": ("ecdsa", "sha1"),
    **{f"{_ECDSA}3.{i + 1}": ("ecdsa", f"sha{bits}") for i, bits in enumerate((224, 256, 384, 512))},
    **{_DSA + str(9 + i): ("ecdsa", f"sha3_{bits}") for i, bits in enumerate((224, 256, 384, 512))},
    **{f"0.4.0.127.0.7.1.1.4.1.{i + 1}": ("plain_ecdsa", f"sha{n}") for i, n in enumerate((1, 224, 256, 384, 512))},
    "1.2.840.10040.4.1": ("dsa", None),
    "1.2.840.10040.4.3": ("dsa", "sha1"),
    _DSA + "1": ("dsa", "sha224"),
    _DSA + "2": ("dsa", "sha256"),
    "1.3.101.112": ("ed25519", None),
    "1.3.101.113": ("ed448", None),
}
_SHAKE_BYTES = {"shake_128": 32, "shake_256": 64}
_LARGEST_KEY = 16384


class Scheme(Struct, frozen=True):
    """How a value was signed: `kind` rsa, pss, ecdsa, plain_ecdsa, dsa, ed25519 or ed448, and the digest it names, if any.

    `mask_digest` and `salt` (bytes) are for PSS alone.
    """

    kind: str
    digest: str | None
    mask_digest: str | None = None
    salt: int = 0

    @property
    def signs_message(self) -> bool:
        """Whether the message itself is signed, not its digest."""
        return self.kind in ("ed25519", "ed448")


class Key(Struct, frozen=True):
    """A public key in a person's words: "RSA" 2048, "EC" 256, "Ed448" 456."""

    family: str
    bits: int


def scheme_of(algorithm: Any) -> Scheme | None:
    """The scheme of an asn1crypto AlgorithmIdentifier; None for one that is not known here."""
    found = _SIGNATURES.get(algorithm["algorithm"].dotted)
    if found is None:
        return None
    if found[0] != "pss":
        return Scheme(*found)
    parameters = algorithm["parameters"]
    digest = DIGESTS.get(parameters["hash_algorithm"]["algorithm"].dotted)
    mask = DIGESTS.get(parameters["mask_gen_algorithm"]["parameters"]["algorithm"].dotted)
    return Scheme("pss", digest, mask, int(parameters["salt_length"].native)) if digest and mask else None


def digest_of(name: str, data: bytes) -> bytes:
    """The digest of `data`. Raises ValueError for a digest this machine cannot make."""
    maker = new_digest(name)
    maker.update(data)
    return finish(maker, name)


def new_digest(name: str) -> Any:
    """A running digest by its name here."""
    return hashlib.new(name, usedforsecurity=False)


def finish(maker: Any, name: str) -> bytes:
    """The value of a running digest; SHAKE with the lengths of RFC 8702."""
    length = _SHAKE_BYTES.get(name)
    value: bytes = maker.digest(length) if length else maker.digest()
    return value


def key_of(spki: bytes) -> Key | None:
    """Family and size of a public key; None when it cannot be read."""
    numbers = _rsa_numbers(spki)
    if numbers:
        return Key("RSA", numbers[0].bit_length())
    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ec.EllipticCurvePublicKey):
        return Key("EC", key.curve.key_size)
    if isinstance(key, ed25519.Ed25519PublicKey):
        return Key("Ed25519", 256)
    if isinstance(key, ed448.Ed448PublicKey):
        return Key("Ed448", 456)
    if isinstance(key, dsa.DSAPublicKey):
        return Key("DSA", key.key_size)
    return None


def signature_fits(spki: bytes, scheme: Scheme, digest: str, value: bytes, signature: bytes) -> bool | None:
    """Whether `signature` was made over `value` (the digest, or the message for EdDSA) by the key's owner.

    None when this cannot be decided: an algorithm or key the machine does not know.
    """
    try:
        if scheme.kind == "rsa":
            return _rsa_fits(spki, digest, value, signature)
        key = load_der_public_key(spki)
        if scheme.kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            mask = padding.MGF1(_hash(scheme.mask_digest or digest))
            key.verify(signature, value, padding.PSS(mask, scheme.salt), Prehashed(_hash(digest)))
        elif scheme.kind in ("ecdsa", "plain_ecdsa") and isinstance(key, ec.EllipticCurvePublicKey):
            if scheme.kind == "plain_ecdsa":
                half = len(signature) // 2
                signature = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
            key.verify(signature, value, ec.ECDSA(Prehashed(_hash(digest))))
        elif scheme.kind == "dsa" and isinstance(key, dsa.DSAPublicKey):
            key.verify(signature, value, Prehashed(_hash(digest)))
        elif scheme.signs_message and isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
            key.verify(signature, value)
        else:
            return False  # the key is of another family than the signature claims
    except InvalidSignature:
        return False
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return True


def _hash(name: str) -> hashes.HashAlgorithm:
    known: dict[str, hashes.HashAlgorithm] = {
        "md5": hashes.MD5(),  # noqa: S303 - old files are judged by policy, not refused a reading
        "sha1": hashes.SHA1(),  # noqa: S303
        "sha512_224": hashes.SHA512_224(),
        "sha512_256": hashes.SHA512_256(),
        "sha224": hashes.SHA224(),
        "sha256": hashes.SHA256(),
        "sha384": hashes.SHA384(),
        "sha512": hashes.SHA512(),
        "sha3_224": hashes.SHA3_224(),
        "sha3_256": hashes.SHA3_256(),
        "sha3_384": hashes.SHA3_384(),
        "sha3_512": hashes.SHA3_512(),
    }
    if name not in known:
        raise ValueError
    return known[name]


@lru_cache(maxsize=1024)
def _rsa_numbers(spki: bytes) -> tuple[int, int] | None:
    from asn1crypto.keys import PublicKeyInfo

    try:
        info = PublicKeyInfo.load(spki)
        if info["algorithm"]["algorithm"].dotted not in (_RSA + "1", _RSA + "10"):
            return None
        key = info["public_key"].parsed
        # Read as unsigned: some issuers forget the zero byte that keeps a large modulus positive.
        return int.from_bytes(key["modulus"].contents), int(key["public_exponent"].native)
    except (ValueError, TypeError, KeyError):
        return None


def _rsa_fits(spki: bytes, digest: str, value: bytes, signature: bytes) -> bool | None:
    """EMSA-PKCS1-v1_5 built and compared whole (RFC 8017, 8.2.2).

    By hand, because the library refuses keys under 1024 bits: a weak key is for the policy to judge, and a file
    that it signed is not therefore a changed one.
    """
    numbers = _rsa_numbers(spki)
    if numbers is None:
        return False
    modulus, exponent = numbers
    if not 256 <= modulus.bit_length() <= _LARGEST_KEY or not 1 < exponent < 1 << 64:
        return None
    size = (modulus.bit_length() + 7) // 8
    if len(signature) > size or (number := int.from_bytes(signature)) >= modulus:
        return False
    opened = pow(number, exponent, modulus).to_bytes(size)
    return any(opened == b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info for info in _digest_infos(digest, value))


def _digest_infos(digest: str, value: bytes) -> list[bytes]:
    """DigestInfo with NULL parameters and without: both are in use (RFC 8017, appendix A.2.4, note 2)."""
    from asn1crypto.core import ObjectIdentifier

    dotted = next((oid for oid, name in DIGESTS.items() if name == digest), None)
    if dotted is None:
        return []
    name = ObjectIdentifier(dotted).dump()
    octets = b"\x04" + bytes([len(value)]) + value
    infos = []
    for parameters in (b"\x05\0", b""):
        algorithm = b"\x30" + bytes([len(name) + len(parameters)]) + name + parameters
        infos.append(b"\x30" + bytes([len(algorithm) + len(octets)]) + algorithm + octets)
    return infos
