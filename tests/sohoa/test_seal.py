"""The QR seal's format: what goes in comes out, and nothing forged, foreign or out of time is ever sound."""

import base64
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from sohoa.errors import SohoaError, UsageError
from sohoa.seal import (
    LONGEST,
    Claims,
    SealIssuer,
    base45,
    check_seal,
    from_base45,
    load_issuers,
    read_seal,
    seal_text,
    text_digest,
    to_sign,
)

OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"
TODAY = date(2026, 11, 22)
CLAIMS = Claims(
    OFFICE, "123", "01/2026", date(2026, 11, 20), "Giấy khai sinh", 2,
    (("Họ, chữ đệm, tên", "Nguyễn Thị Ví Dụ"), ("Ngày, tháng, năm sinh", "05/02/1990")), text_digest(["Giấy khai sinh"]),
)  # fmt: skip
KEY = ec.derive_private_key(0x5EA1, ec.SECP256R1())
OTHER = ec.derive_private_key(0xBAD, ec.SECP256R1())


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def issuer(key: ec.EllipticCurvePrivateKey = KEY, **more: object) -> SealIssuer:
    facts = {"name": OFFICE, "key": base64.b64encode(public(key)).decode(), "since": date(2026, 1, 1), "to": date(2026, 12, 31), **more}
    return SealIssuer(**facts)  # type: ignore[arg-type]


def sealed(claims: Claims = CLAIMS, key: ec.EllipticCurvePrivateKey = KEY, named: ec.EllipticCurvePrivateKey = KEY) -> str:
    return seal_text(claims, public(named), key.sign(to_sign(claims, public(named)), ec.ECDSA(hashes.SHA256())))


def state(text: str, *issuers: SealIssuer, today: date = TODAY) -> str:
    seal = read_seal(text)
    return check_seal(seal, issuers, today) if seal else "unreadable"


def test_what_is_sealed_is_read_back_and_sound() -> None:
    seal = read_seal(sealed())
    assert seal is not None and seal.claims == CLAIMS
    assert state(sealed(), issuer()) == "sound"


def test_a_usual_seal_fits_a_code_that_200_dpi_resolve() -> None:
    import segno

    code = segno.make_qr(sealed(), error="m")
    assert code.mode == "alphanumeric"
    assert code.symbol_size(border=0)[0] * 0.5 < 45  # millimetres at half a millimetre a module


def test_a_seal_of_another_key_under_the_offices_key_name_is_forged() -> None:
    assert state(sealed(key=OTHER), issuer()) == "forged"


def test_an_office_cannot_seal_in_anothers_name() -> None:
    assert state(sealed(), issuer(name="Ủy ban nhân dân xã Khác")) == "forged"


def test_an_unknown_key_an_expired_one_and_a_revoked_one_are_not_sound() -> None:
    assert state(sealed()) == "issuer_unknown"
    assert state(sealed(key=OTHER, named=OTHER), issuer()) == "issuer_unknown"
    assert state(sealed(), issuer(to=date(2026, 11, 19))) == "key_out_of_time"
    assert state(sealed(), issuer(), today=date(2027, 1, 1)) == "key_out_of_time"
    assert state(sealed(), issuer(believed_until=date(2036, 1, 1)), today=date(2027, 1, 1)) == "sound"
    assert state(sealed(), issuer(since=date(2026, 11, 21))) == "key_out_of_time"
    assert state(sealed(), issuer(), today=date(2026, 11, 19)) == "key_out_of_time"  # sealed tomorrow
    assert state(sealed(), issuer(revoked=date(2026, 11, 21))) == "key_revoked"


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(sealed()) - 1), st.sampled_from("0A+:Z"))
def test_no_changed_character_leaves_a_seal_sound(at: int, character: str) -> None:
    good = sealed()
    changed = good[:at] + character + good[at + 1 :]
    assert changed == good or state(changed, issuer()) != "sound"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_only_read_or_refused(data: bytes) -> None:
    import zlib

    assert from_base45(base45(data)) == data
    for text in (base45(data), "VN1:" + base45(data), "VN1:" + base45(zlib.compress(data)), data.decode("latin-1")):
        assert read_seal(text) is None


def test_a_decompression_bomb_is_refused() -> None:
    import zlib

    assert read_seal("VN1:" + base45(zlib.compress(b"\0" * 1_000_000))) is None


def test_base45_is_that_of_the_standard() -> None:
    assert (base45(b"AB"), base45(b"Hello!!"), base45(b"base-45"), from_base45("QED8WEX0")) == (
        "BB8",
        "%69 VD92EX0",
        "UJCLQE7W581",
        b"ietf!",
    )


def test_too_many_facts_are_refused_before_anything_is_printed() -> None:
    import random

    noise = "".join(random.Random(1).choices("ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệ", k=600))
    with pytest.raises(SohoaError, match="seal_too_large"):
        sealed(Claims(OFFICE, "1", "01/2026", TODAY, noise, 1))
    assert len(sealed()) < LONGEST


def test_the_digest_of_a_text_does_not_depend_on_line_breaks_and_says_nothing_of_no_text() -> None:
    assert text_digest(["Giấy khai\nsinh", "hai"]) == text_digest(["GIẤY  KHAI SINH hai"])
    assert text_digest(["Giấy khai sinh"]) != text_digest(["Giấy khai sính"])
    assert text_digest([" \n", ""]) == b""


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def made(content: str) -> Path:
        file = tmp_path / "seal-issuers.yaml"
        file.write_text(content, encoding="utf8")
        return file

    return made


def test_issuers_are_data_in_the_trust_folder(write: Callable[[str], Path]) -> None:
    entry = f"issuers:\n- name: {OFFICE}\n  key: {issuer().key}\n  from: 2026-01-01\n  to: 2026-12-31\n"
    assert load_issuers(write(entry)) == (issuer(),)


@pytest.mark.parametrize("change", ["key: bm8=", "key: x", "from: gần đây", "extra: 1"])
def test_an_issuers_file_with_a_mistake_is_refused(write: Callable[[str], Path], change: str) -> None:
    lines = {"name": OFFICE, "key": issuer().key, "from": "2026-01-01", "to": "2026-12-31"}
    lines[change.split(":")[0]] = change.split(": ")[1]
    with pytest.raises(UsageError, match="seal_issuers_broken"):
        load_issuers(write("issuers:\n- " + "\n  ".join(f"{key}: {value}" for key, value in lines.items())))
