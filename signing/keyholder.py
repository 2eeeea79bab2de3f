"""The key holder: one process per identity, the only place where a private key lives (design rule 8).

It is a fresh interpreter, never a fork of anything that has met a document. It reads the PKCS#12 once and keeps the key
object, or logs in to a PKCS#11 token once (`signing.token_key`), and answers over two pipes with msgpack: signed
attributes in, signature out. It opens no PDF and imports no parser of documents. The passphrase or PIN comes in the
first frame on its standard input, never by argument or environment. No timeout kills it: it ends when its input is
closed, after the signature it is working on.
"""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from signing.model import Digest, Identity, Mechanism
from sohoa.errors import SohoaError

_Answer = TypeVar("_Answer")
_HEADER = 4
_LARGEST_FRAME = 1 << 20
# What a new interpreter needs to start; everything else of our environment stays away from the key.
_ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "USERPROFILE", "APPDATA", "LOCALAPPDATA")
# Where libraries on Windows look for their settings and put what they write.
_WINDOWS_FOLDERS = ("SYSTEMDRIVE", "WINDIR", "PROGRAMDATA", "TEMP", "TMP")
# Where PKCS#11 modules look for their own settings: SoftHSM2, OpenSC, YubiHSM, Utimaco, Thales Luna and nShield.
_MODULE_ENVIRONMENT = (
    "SOFTHSM2_CONF",
    "OPENSC_CONF",
    "YUBIHSM_PKCS11_CONF",
    "CS_PKCS11_R3_CFG",
    "CS_PKCS11_R2_CFG",
    "ChrystokiConfigurationPath",
    "NFAST_HOME",
)


class _Open(msgspec.Struct):
    path: str
    passphrase: bytes
    kind: str = "pkcs12"
    module: str = ""
    token: str = ""
    key: str = ""


class _Opened(msgspec.Struct):
    certificate: bytes = b""
    chain: tuple[bytes, ...] = ()
    code: str = ""
    facts: dict[str, str | int | float] = {}


class _Sign(msgspec.Struct):
    attributes: bytes
    mechanism: Mechanism
    digest: Digest
    number: int = 0


class _Signed(msgspec.Struct):
    signature: bytes = b""
    code: str = ""
    number: int = 0


class KeyProcess:
    """A key holder in a process of its own; threads may share it. Their signatures are made one after another.

    `passphrase` is that of the PKCS#12, or the PIN of the token; empty for a token with a PIN pad of its own.
    Raises SohoaError pin_wrong, identity_unreadable, key_holder_died, key_cannot_sign, and those of `signing.token_key`.
    """

    def __init__(self, identity: Identity, passphrase: bytes) -> None:
        self.identity = identity
        self._lock = threading.Lock()
        self._room = threading.Lock()
        self._numbers = itertools.count(1)
        self._awaited: dict[int, Future[_Signed]] = {}
        environment = {key: os.environ[key] for key in (*_ENVIRONMENT, *_WINDOWS_FOLDERS, *_MODULE_ENVIRONMENT) if key in os.environ}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "signing.keyholder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._receive, name="sohoa-signatures", daemon=True)
        try:
            self._send(_asked(identity, passphrase))
            opened = self._read(_Opened)
            if opened.code:
                raise SohoaError(opened.code, **opened.facts)
        except BaseException:
            self.close()
            raise
        self._certificate, self._chain = opened.certificate, opened.chain
        self._reader.start()

    @property
    def certificate(self) -> bytes:
        """The signer's certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The other certificates of the PKCS#12 or the token, DER."""
        return self._chain

    @property
    def pid(self) -> int:
        """The process id, for those who watch over it."""
        return self._process.pid

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        """The raw signature over `attributes`."""
        with self._room:
            number, awaited = next(self._numbers), Future[_Signed]()
            self._awaited[number] = awaited
            try:
                self._send(_Sign(attributes, mechanism, digest, number))
                signed = awaited.result()
            finally:
                self._awaited.pop(number, None)
        if signed.code:
            raise SohoaError(signed.code)
        return signed.signature

    def close(self) -> None:
        """Let the process end by itself: closing its input is the order to go, and a signature under way is kept."""
        with contextlib.suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()
        self._process.wait()
        if self._reader.is_alive():
            self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def __enter__(self) -> "KeyProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, question: msgspec.Struct) -> None:
        requests = self._process.stdin
        if requests is None or requests.closed:
            raise SohoaError("key_holder_died")
        body = msgspec.msgpack.encode(question)
        with self._lock:
            try:
                requests.write(len(body).to_bytes(_HEADER, "big") + body)
                requests.flush()
            except (BrokenPipeError, ValueError, OSError):
                raise SohoaError("key_holder_died") from None
        if self._reader.ident is not None and not self._reader.is_alive():
            # It died before this was asked, and nobody is there to hear an answer.
            raise SohoaError("key_holder_died")

    def _read(self, answers: type[_Answer]) -> _Answer:
        replies = self._process.stdout
        if replies is None:
            raise SohoaError("key_holder_died")
        header = replies.read(_HEADER)
        if len(header) < _HEADER:
            raise SohoaError("key_holder_died")
        try:
            return msgspec.msgpack.decode(replies.read(int.from_bytes(header, "big")), type=answers)
        except msgspec.MsgspecError:
            raise SohoaError("key_holder_died") from None

    def _receive(self) -> None:
        """Hand every signature to the thread that waits for it; when no more can come, tell all of them."""
        with contextlib.suppress(SohoaError):
            while True:
                signed = self._read(_Signed)
                if awaited := self._awaited.get(signed.number):
                    awaited.set_result(signed)
        for awaited in list(self._awaited.values()):
            if not awaited.done():
                awaited.set_result(_Signed(code="key_holder_died"))


def _asked(identity: Identity, passphrase: bytes) -> _Open:
    path = str(identity.path) if identity.path != Path() else ""
    return _Open(path, passphrase, identity.kind, str(identity.module or ""), identity.token, identity.key)


# ------------------------------------------------------------------------------------------ inside the key holder


def main() -> None:
    """The key holder's life: open the identity, sign until the input is closed."""
    # Ctrl-C in a terminal is for the command, which closes our input when it has decided.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _keep_memory_private()
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def receive() -> bytes | None:
        header = requests.read(_HEADER)
        size = int.from_bytes(header, "big")
        return requests.read(size) if len(header) == _HEADER and size <= _LARGEST_FRAME else None

    one_at_a_time = threading.Lock()

    def answer(reply: msgspec.Struct) -> None:
        body = msgspec.msgpack.encode(reply)
        with one_at_a_time:
            answers.write(len(body).to_bytes(_HEADER, "big") + body)
            answers.flush()

    first = receive()
    if first is None:
        return
    wanted = msgspec.msgpack.decode(first, type=_Open)
    try:
        key = _open(wanted)
    except SohoaError as error:
        answer(_Opened(code=error.code, facts=error.facts))
        return
    del first, wanted
    answer(_Opened(key.certificate, key.chain))

    def sign(frame: bytes) -> None:
        number = 0
        try:
            asked = msgspec.msgpack.decode(frame, type=_Sign)
            number = asked.number
            answer(_Signed(key.sign(asked.attributes, asked.mechanism, asked.digest), number=number))
        except SohoaError as error:
            answer(_Signed(code=error.code, number=number))
        except msgspec.MsgspecError:
            answer(_Signed(code="key_cannot_sign", number=number))

    while (frame := receive()) is not None:
        sign(frame)  # some tokens' libraries want to be called by the thread that logged in


class _Key(Protocol):
    certificate: bytes
    chain: tuple[bytes, ...]

    def sign(self, attributes: bytes, mechanism: str, digest: str) -> bytes: ...


def _open(wanted: _Open) -> _Key:
    if wanted.kind != "pkcs11":
        return _FileKey(wanted)
    from signing.token_key import TokenKey

    return TokenKey(wanted.module, wanted.token, wanted.key, wanted.path, wanted.passphrase)


class _FileKey:
    """The private key of one PKCS#12, parsed once."""

    def __init__(self, wanted: _Open) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs12

        try:
            stored = Path(wanted.path).read_bytes()
        except OSError:
            raise SohoaError("identity_unreadable") from None
        if not stored.startswith(b"\x30"):
            raise SohoaError("identity_unreadable")
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(stored, wanted.passphrase or None)
        except ValueError as error:
            # The library knows one exception for both; its sentence tells a wrong password from a broken file.
            raise SohoaError("pin_wrong" if "password" in str(error).lower() else "identity_unreadable") from None
        except Exception:  # noqa: BLE001 - unsupported algorithms and odd encodings each have their own class
            raise SohoaError("identity_unreadable") from None
        if key is None or certificate is None:
            raise SohoaError("identity_unreadable")

        def public(holder: object) -> bytes:
            return bytes(holder.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))  # type: ignore[attr-defined]

        if public(key.public_key()) != public(certificate.public_key()):
            raise SohoaError("identity_unreadable")
        self._key = key
        self.certificate = certificate.public_bytes(Encoding.DER)
        self.chain = tuple(other.public_bytes(Encoding.DER) for other in others)

    def sign(self, attributes: bytes, mechanism: str, digest: str) -> bytes:
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

        hashed = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}[digest]
        if mechanism == "ecdsa" and isinstance(self._key, ec.EllipticCurvePrivateKey):
            return self._key.sign(attributes, ec.ECDSA(hashed))
        if mechanism == "rsassa_pkcs1v15" and isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(attributes, padding.PKCS1v15(), hashed)
        if mechanism == "rsassa_pss" and isinstance(self._key, rsa.RSAPrivateKey):
            # Salt as long as the digest, the length RFC 4055 §3.1 recommends and every verifier knows.
            return self._key.sign(attributes, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
        raise SohoaError("key_cannot_sign")


def _keep_memory_private() -> None:
    """No core dump and no debugger of the same user may read the key."""
    if sys.platform != "win32":  # an officer's own computer, see signing.agent
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        pr_set_dumpable = 4
        ctypes.CDLL(None).prctl(pr_set_dumpable, 0)


if __name__ == "__main__":
    main()
