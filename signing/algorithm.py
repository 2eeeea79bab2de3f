"""The names of signature algorithms, as CMS and remote signing services write them (RFC 5754, RFC 4055)."""
# mypy: allow-untyped-calls

import hashlib
from functools import lru_cache
from typing import Any

from asn1crypto import algos


@lru_cache(maxsize=16)
def signature_algorithm(mechanism: str, digest: str) -> algos.SignedDigestAlgorithm:
    """The AlgorithmIdentifier of a `signing.model.Mechanism` with a digest."""
    if mechanism == "ecdsa":
        return _encoded({"algorithm": f"{digest}_ecdsa"})
    if mechanism == "rsassa_pkcs1v15":
        return _encoded({"algorithm": f"{digest}_rsa"})
    hashed = algos.DigestAlgorithm({"algorithm": digest})
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": hashed,
            "mask_gen_algorithm": algos.MaskGenAlgorithm({"algorithm": "mgf1", "parameters": hashed}),
            "salt_length": hashlib.new(digest).digest_size,
        }
    )
    return _encoded({"algorithm": "rsassa_pss", "parameters": parameters})


def _encoded(algorithm: dict[str, Any]) -> algos.SignedDigestAlgorithm:
    """Read back from its encoding: a value that was read is copied when written, one that was built is encoded every time."""
    return algos.SignedDigestAlgorithm.load(algos.SignedDigestAlgorithm(algorithm).dump())
