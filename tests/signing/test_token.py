import shutil
from datetime import datetime
from pathlib import Path
from typing import Protocol

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from msgspec.structs import replace
from pkcs11 import TokenFlag, exceptions

from signing.certificate import signature_matches
from signing.keyholder import KeyProcess
from signing.model import Algorithm, Facts, Identity
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.token_key import error_code, may_try_pin
from signing.trial import TrialPki
from sohoa.child import Child
from sohoa.errors import SohoaError


class Token(Protocol):
    module: Path
    store: Path
    pin: bytes

    def identity(self, key: str = "officer", label: str = "Văn thư", path: Path = Path()) -> Identity: ...


def certificate(pki: TrialPki, name: str) -> bytes:
    _, own, _ = pkcs12.load_key_and_certificates(pki.identity(name).path.read_bytes(), pki.passphrase)
    assert own is not None
    return own.public_bytes(Encoding.DER)


def test_a_token_gives_its_certificate_and_those_above(token: Token, pki: TrialPki) -> None:
    with KeyProcess(token.identity(), token.pin) as holder:
        assert holder.certificate == certificate(pki, "officer")
        assert set(pki.as_trust().anchors + pki.as_trust().intermediates) <= set(holder.chain)


@pytest.mark.parametrize(
    ("key", "mechanism", "digest"),
    [
        ("officer", "rsassa_pss", "sha256"),
        ("officer", "rsassa_pss", "sha512"),
        ("officer", "rsassa_pkcs1v15", "sha384"),
        ("curve", "ecdsa", "sha256"),
        ("curve", "ecdsa", "sha384"),
        ("asks each time", "rsassa_pss", "sha256"),
    ],
)
def test_every_signature_of_a_batch_fits_its_certificate_after_one_login(key: str, mechanism: str, digest: str, token: Token) -> None:
    with KeyProcess(token.identity(key), token.pin) as holder:
        for number in range(3):
            attributes = b"1" + bytes([number]) * 60
            value = holder.sign(attributes, mechanism, digest)  # type: ignore[arg-type]
            assert signature_matches(holder.certificate, mechanism, digest, attributes, value)  # type: ignore[arg-type]


def test_a_key_is_found_by_its_id_too(token: Token, pki: TrialPki) -> None:
    with KeyProcess(token.identity("01"), token.pin) as holder:
        assert holder.certificate == certificate(pki, "officer")


def test_a_file_signed_with_a_token_is_signed(
    token: Token, born_digital: Path, tmp_path: Path, child: Child, pki: TrialPki, now: datetime
) -> None:
    with KeyProcess(token.identity(), token.pin) as holder:
        for algorithm in (Algorithm(), Algorithm("sha512", "compat")):
            out = tmp_path / "s.pdf"
            signed = sign_file(born_digital, out, holder, load_profile("cv7197"), "b", child, None, Facts(now), algorithm, pki.as_trust())
            assert signed.path.read_bytes().startswith(born_digital.read_bytes())


def test_a_wrong_pin_says_so_and_is_tried_once(token: Token) -> None:
    with pytest.raises(SohoaError, match="pin_wrong"):
        KeyProcess(token.identity(), b"000000")
    with KeyProcess(token.identity(), token.pin) as holder:
        assert holder.sign(b"1\x00", "rsassa_pss", "sha256")


@pytest.mark.parametrize("pin", [b"", b"\xff\xfe"])
def test_a_pin_that_cannot_be_one_is_not_even_tried(pin: bytes, token: Token) -> None:
    with pytest.raises(SohoaError, match="pin_wrong"):
        KeyProcess(token.identity(), pin)


@pytest.mark.parametrize(("flag", "code"), [(TokenFlag.USER_PIN_LOCKED, "pin_locked"), (TokenFlag.USER_PIN_FINAL_TRY, "pin_last_try")])
def test_no_pin_is_tried_on_a_token_that_is_locked_or_nearly_so(flag: TokenFlag, code: str) -> None:
    may_try_pin(TokenFlag.TOKEN_INITIALIZED | TokenFlag.USER_PIN_COUNT_LOW)
    with pytest.raises(SohoaError, match=code):
        may_try_pin(TokenFlag.TOKEN_INITIALIZED | flag)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (exceptions.PinIncorrect(), "pin_wrong"),
        (exceptions.PinLocked(), "pin_locked"),
        (exceptions.DeviceRemoved(), "token_missing"),
        (exceptions.MechanismInvalid(), "key_cannot_sign"),
        (exceptions.GeneralError(), "token_failed"),
    ],
)
def test_what_a_module_says_becomes_a_code(error: exceptions.PKCS11Error, code: str) -> None:
    assert error_code(error) == code


def test_a_token_pulled_out_in_mid_batch_says_so_and_leaves_nothing_half_signed(
    own_token: Token, born_digital: Path, tmp_path: Path, child: Child, now: datetime
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with KeyProcess(own_token.identity(), own_token.pin) as holder:

        def sign(name: str) -> None:
            sign_file(born_digital, out / name, holder, load_profile("invisible"), "b", child, None, Facts(now))

        sign("first.pdf")
        (taken,) = own_token.store.iterdir()
        shutil.move(taken, tmp_path / "in the pocket")
        for name in ("second.pdf", "third.pdf"):
            with pytest.raises(SohoaError, match="token_missing"):
                sign(name)
    assert [path.name for path in out.iterdir()] == ["first.pdf"]


def test_a_token_that_is_not_there_says_so(token: Token) -> None:
    with pytest.raises(SohoaError, match="token_missing"):
        KeyProcess(token.identity(label="Kế toán"), token.pin)


def test_a_key_that_is_not_there_says_so(token: Token) -> None:
    with pytest.raises(SohoaError, match="key_missing"):
        KeyProcess(token.identity("seal"), token.pin)


def test_of_several_keys_none_is_guessed(token: Token) -> None:
    with pytest.raises(SohoaError, match="key_ambiguous") as refused:
        KeyProcess(token.identity(""), token.pin)
    assert refused.value.facts["keys"] == 4


def test_a_library_that_is_none_says_so(token: Token, tmp_path: Path) -> None:
    (tmp_path / "module.so").write_bytes(b"no library")
    for module in (tmp_path / "module.so", tmp_path / "none.so"):
        with pytest.raises(SohoaError, match="token_module_unreadable"):
            KeyProcess(replace(token.identity(), module=module), token.pin)


def test_a_device_without_certificates_takes_them_from_a_file(token: Token, pki: TrialPki, tmp_path: Path) -> None:
    with pytest.raises(SohoaError, match="identity_unreadable"):
        KeyProcess(token.identity("bare"), token.pin)
    path = tmp_path / "own.crt"
    path.write_bytes(certificate(pki, "officer-expired"))
    with KeyProcess(token.identity("bare", path=path), token.pin) as holder:
        assert holder.certificate == certificate(pki, "officer-expired")
        value = holder.sign(b"1\x00", "rsassa_pss", "sha256")
        assert signature_matches(holder.certificate, "rsassa_pss", "sha256", b"1\x00", value)


def test_a_mechanism_that_does_not_fit_the_key_is_refused_and_the_login_lives_on(token: Token) -> None:
    with KeyProcess(token.identity(), token.pin) as holder:
        with pytest.raises(SohoaError, match="key_cannot_sign"):
            holder.sign(b"1\x00", "ecdsa", "sha256")
        assert holder.sign(b"1\x00", "rsassa_pss", "sha256")
