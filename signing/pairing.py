"""How an office's server and an officer's own computer come to know each other, by a short code that a person carries over.

The server shows a code of 60 random bits that is good once, for ten minutes and three tries. Both sides stretch it with
scrypt, salted with the certificate that each sees on its end of the TLS connection: whoever sits between them shows another
certificate and so arrives at another key, and what he could record would have to be guessed at 60 bits of scrypt. The agent
proves the code first, the server answers with its own proof and a long secret. From then on the agent accepts this one
certificate only, and the server this one secret only.
"""

import hmac
import os
import secrets
from datetime import UTC, datetime, timedelta
from hashlib import scrypt, sha256
from pathlib import Path
from time import monotonic

import msgspec

from sohoa.errors import SohoaError

# Crockford's base 32: no letter is taken for a digit when it is read out on the telephone.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LETTERS = 12
_GOOD_FOR = 600.0
_TRIES = 3
_KEPT_BATCHES = 2000


class Pairing(msgspec.Struct, frozen=True):
    """What the agent keeps. `pin` is the SHA-256 (hex) of the server's certificate, `used` the batches it has signed."""

    server: str
    pin: str
    secret: str
    used: tuple[str, ...] = ()


class Invitation:
    """A code that is waiting for its agent. `code` is shown to a person, as XXXX-XXXX-XXXX."""

    def __init__(self, fingerprint: str) -> None:
        letters = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LETTERS))
        self.code = "-".join(letters[i : i + 4] for i in range(0, _CODE_LETTERS, 4))
        self._key = stretched(self.code, fingerprint)
        self._until = monotonic() + _GOOD_FOR
        self._tries = _TRIES

    def accept(self, nonce: bytes, proof: bytes) -> tuple[str, bytes]:
        """(the secret to keep, our proof) for the agent that knows the code. Raises SohoaError agent_code_void, agent_code_wrong."""
        if self._tries <= 0 or monotonic() > self._until:
            raise SohoaError("agent_code_void")
        if not hmac.compare_digest(proof, agent_proof(self._key, nonce)):
            self._tries -= 1
            raise SohoaError("agent_code_wrong")
        self._tries = 0
        secret = secrets.token_urlsafe(32)
        return secret, server_proof(self._key, nonce, secret)


def stretched(code: str, fingerprint: str) -> bytes:
    """The key that both sides make of the code and the certificate they see. Spaces, dashes and letter case do not matter."""
    plain = "".join(letter for letter in code.upper().replace("O", "0").replace("I", "1").replace("L", "1") if letter.isalnum())
    return scrypt(
        plain.encode(), salt=b"sohoa agent pairing 1" + bytes.fromhex(fingerprint), n=1 << 15, r=8, p=1, maxmem=64 << 20, dklen=32
    )


def agent_proof(key: bytes, nonce: bytes) -> bytes:
    """Shown by the agent: it knows the code and sees this certificate."""
    return hmac.digest(key, b"agent" + nonce, "sha256")


def server_proof(key: bytes, nonce: bytes, secret: str) -> bytes:
    """Shown by the server: it is the one that made the code, and this is its secret."""
    return hmac.digest(key, b"server" + nonce + secret.encode(), "sha256")


def list_proof(secret: str, body: bytes) -> str:
    """Binds a list of documents to the pairing, over and above the connection it comes through."""
    return hmac.digest(sha256(b"list" + secret.encode()).digest(), body, "sha256").hex()


def save_pairing(file: Path, pairing: Pairing) -> None:
    """Write what the agent keeps, for its owner alone."""
    write_private(file, msgspec.json.encode(msgspec.structs.replace(pairing, used=pairing.used[-_KEPT_BATCHES:])))


def load_pairing(file: Path) -> Pairing:
    """What was kept. Raises SohoaError agent_not_paired."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=Pairing)
    except (OSError, msgspec.MsgspecError):
        raise SohoaError("agent_not_paired") from None


def server_files(folder: Path) -> tuple[Path, str]:
    """(file with the server's own key and certificate, made on first use; the certificate's SHA-256 in hex)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    file = folder / "server.pem"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sohoa")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        own = builder.not_valid_after(now + timedelta(days=3650)).sign(key, hashes.SHA256())
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        write_private(file, private + own.public_bytes(Encoding.PEM))
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return file, sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


def write_private(file: Path, content: bytes) -> None:
    """Replace `file` in one step; nobody but its owner ever could read it."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    plain = getattr(os, "O_BINARY", 0)  # else Windows writes two bytes for the end of a line
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | plain, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
