"""A verdict put into words for a person at a counter: one sentence, three lamps, the seven facts of each signature.

The seven facts are those that TT 15/2025/TT-BKHCN Điều 6 khoản 4 điểm b demands of every verifying program.
"""

from datetime import datetime, timedelta, timezone
from pathlib import PurePath
from typing import Any, Literal

from msgspec import Struct

from sohoa.messages import message
from verification.masking import mask
from verification.model import Conclusion, Integrity, SignatureVerdict, Verdict

Light = Literal["good", "bad", "unknown", "off"]

TITLES: dict[Conclusion, str] = {
    "valid": "HỢP LỆ",
    "invalid": "KHÔNG HỢP LỆ",
    "indeterminate": "KHÔNG XÁC ĐỊNH",
    "unsigned": "KHÔNG CÓ CHỮ KÝ SỐ",
}
_INTEGRITY: dict[Integrity, str] = {
    "intact": "Nguyên vẹn kể từ khi ký",
    "extended": "Nguyên vẹn; có bổ sung được phép sau khi ký",
    "altered": "Đã bị thay đổi hoặc không khớp",
    "unknown": "Không xác định được",
    "none": "Không được ký",
}
_STATUS = {
    "good": "Có hiệu lực, không bị thu hồi",
    "revoked": "Đã bị thu hồi",
    "expired": "Đã hết hạn",
    "not_yet_valid": "Chưa có hiệu lực",
    "unknown": "Không kiểm tra được tình trạng thu hồi",
}
_INTEGRITY_LIGHT: dict[Integrity, Light] = {"intact": "good", "extended": "good", "altered": "bad", "unknown": "unknown", "none": "off"}
_SEAL_STATES = {
    "sound": "Đúng là của cơ quan ghi trong đó",
    "forged": "Giả",
    "issuer_unknown": "Không biết khóa của cơ quan",
    "key_out_of_time": "Khóa không có hiệu lực hoặc đã hết hạn",
    "key_revoked": "Khóa đã bị thu hồi",
}
_WHO = ("certificate_path", "certificate_path_rules", "signing_certificate_reference")
_TRUST = ("certificate_not_revoked", "revocation_time_proven", "certificate_in_time", "algorithms_strong")
_VIETNAM = timezone(timedelta(hours=7))


class Lamp(Struct, frozen=True):
    """One of the three questions with its answer."""

    question: str
    light: Light
    answer: str


class SignatureReading(Struct, frozen=True):
    """One signature: a heading and its facts as (label, value)."""

    heading: str
    verdict: Conclusion
    facts: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, bool], ...]


class Reading(Struct, frozen=True):
    """All that a report shows, in Vietnamese, personal numbers masked."""

    title: str
    verdict: Conclusion
    sentence: str
    next_step: str
    lamps: tuple[Lamp, ...]
    signatures: tuple[SignatureReading, ...]
    document: tuple[tuple[str, str], ...]
    copy: tuple[tuple[str, str], ...]
    checks: tuple[tuple[str, str], ...]
    seal: tuple[tuple[str, str], ...] = ()
    seal_meaning: str = ""


def read(verdict: Verdict, file: str) -> Reading:
    """The reading of a verdict; of `file` only the name is shown."""
    return Reading(
        title=TITLES[verdict.verdict],
        verdict=verdict.verdict,
        sentence=verdict.summary_vi,
        next_step=message(verdict.reason_code).next_vi,
        lamps=(_content(verdict), _signer(verdict), _trusted(verdict)),
        signatures=tuple(_signature(number, s) for number, s in enumerate(verdict.signatures, 1)),
        document=_document(verdict, file),
        copy=_copy(verdict),
        checks=_checks(verdict),
        seal=_seal(verdict),
        seal_meaning=verdict.qr_seal["meaning_vi"] if verdict.qr_seal else "",
    )


def local_time(text: str | None) -> str:
    """An ISO time as Vietnamese offices write it, in Vietnamese time; a dash for none."""
    if not text:
        return "–"
    return datetime.fromisoformat(text).astimezone(_VIETNAM).strftime("%H:%M:%S ngày %d/%m/%Y (giờ Việt Nam)")


def _content(verdict: Verdict) -> Lamp:
    said = message(f"lamp_content_{verdict.integrity}")
    return Lamp("Nội dung nguyên vẹn?", _INTEGRITY_LIGHT[verdict.integrity], said.vi)


def _signer(verdict: Verdict) -> Lamp:
    question = "Ai ký?"
    signers = [s for s in verdict.signatures if s.kind == "signature"]
    names = "; ".join(dict.fromkeys(s.signer or "không rõ" for s in signers))
    if not signers:
        return Lamp(question, "off", message("lamp_signer_nobody").vi)
    if all(_passed(s, _WHO) for s in signers):
        return Lamp(question, "good", message("lamp_signer_known", names=names).vi)
    return Lamp(question, "unknown", message("lamp_signer_unconfirmed", names=names).vi)


def _trusted(verdict: Verdict) -> Lamp:
    question = "Tin cậy vào thời điểm ký?"
    signers = [s for s in verdict.signatures if s.kind == "signature"]
    if not signers:
        return Lamp(question, "off", message("lamp_trust_nobody").vi)
    if verdict.integrity == "altered":
        return Lamp(question, "off", message("lamp_trust_moot").vi)
    doubts = [check for s in signers for check in s.checks if check.code in (*_WHO, *_TRUST) and check.result in ("failed", "not_made")]
    if not doubts:
        return Lamp(question, "good", message("lamp_trust_good").vi)
    bad = any(check.result == "failed" and check.code == "certificate_not_revoked" for check in doubts)
    return Lamp(question, "bad" if bad else "unknown", message(f"lamp_trust_{'bad' if bad else 'unknown'}", why=doubts[0].text_vi).vi)


def _passed(signature: SignatureVerdict, codes: tuple[str, ...]) -> bool:
    results = {check.code: check.result for check in signature.checks}
    return results.get("certificate_path") == "passed" and all(results.get(code, "passed") == "passed" for code in codes)


def _signature(number: int, signature: SignatureVerdict) -> SignatureReading:
    kind = "Dấu thời gian" if signature.kind == "timestamp" else "Chữ ký số"
    if signature.proven_time:
        time = f"{local_time(signature.proven_time)}, được dấu thời gian chứng minh"
    else:
        time = f"{local_time(signature.claimed_time)}, do người ký tự ghi" if signature.claimed_time else "Không ghi"
    period = f"{_day(signature.certificate_valid_from)} – {_day(signature.certificate_valid_to)}"
    return SignatureReading(
        heading=f"{kind} {number}: {TITLES[signature.verdict]}",
        verdict=signature.verdict,
        facts=(
            ("Chủ thể ký", signature.signer or "Không rõ"),
            ("Tổ chức cấp chứng thư", signature.issuer or "Không rõ"),
            ("Đơn vị quản lý chứng thư", signature.managing_unit or "Không ghi"),
            ("Thời gian ký", time),
            ("Tính toàn vẹn", _INTEGRITY[signature.integrity]),
            ("Hiệu lực chứng thư khi ký", _STATUS.get(signature.certificate_status_at_signing, _STATUS["unknown"])),
            ("Thời hạn chứng thư", period),
        ),
        changes=tuple((mask(_where(change.text_vi, change.page)), change.allowed) for change in signature.changes_after),
    )


def _where(text: str, page: int | None) -> str:
    return f"Trang {page}: {text}" if page else text


def _day(text: str | None) -> str:
    return datetime.fromisoformat(text).astimezone(_VIETNAM).strftime("%d/%m/%Y") if text else "–"


def _document(verdict: Verdict, file: str) -> tuple[tuple[str, str], ...]:
    return (
        ("Tệp", mask(PurePath(file).name)),
        ("SHA-256", verdict.sha256),
        ("Số trang", str(verdict.pages) if verdict.pages is not None else "–"),
        ("Số phiên bản", str(verdict.revisions)),
        ("Kiểm tra lúc", local_time(verdict.checked_at)),
        ("Chính sách kiểm tra", f"{verdict.policy} {verdict.policy_version}"),
        ("Kho tin cậy", verdict.trust_version or "–"),
        ("Phần mềm", f"sohoa {verdict.tool_version}"),
    )


def _copy(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    copy = verdict.certified_copy
    if copy is None:
        return ()
    day = _day(copy.date) if copy.date else "–"
    return (
        ("Số chứng thực", copy.number or "–"),
        ("Quyển số", copy.book or "–"),
        ("Ngày chứng thực", day),
        ("Người chứng thực", copy.certifier or "–"),
        ("Cơ quan", copy.agency or "–"),
        ("Số trang ghi trong lời chứng", str(copy.pages_stated) if copy.pages_stated is not None else "–"),
        ("Căn cứ", copy.law or "–"),
    )


def _seal(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    """What the QR seal holds; of one that is not sound nothing is shown but its state, for its facts are nobody's."""
    seal = verdict.qr_seal
    if seal is None:
        return ()
    state = ("Con dấu QR", _SEAL_STATES[seal["state"]])
    if seal["state"] in ("forged", "issuer_unknown"):
        return (state, ("Tự ghi là của", mask(str(seal["issuer"]))))
    facts = (
        ("Cơ quan", seal["issuer"]),
        ("Số chứng thực", seal["number"]),
        ("Quyển số", seal["book"]),
        ("Ngày chứng thực", _day(seal["date"])),
        ("Tên giấy tờ", seal["title"]),
        ("Số trang", str(seal["pages"])),
    )
    fields = ((field["label"], f"{field['sealed']} ({_printed(field)})") for field in seal["fields"])
    return (state, *facts, *fields)


def _printed(field: dict[str, Any]) -> str:
    words = {"same": "trùng với chữ in", "not_found": "không tìm thấy trên trang này", "not_compared": "chưa đối chiếu"}
    if field["result"] in words:
        return words[field["result"]]
    return f"{'chữ in khác' if field['result'] == 'different' else 'chữ in chưa đọc chắc chắn'}: {field['printed']}"


def _checks(verdict: Verdict) -> tuple[tuple[str, str], ...]:
    every = [*verdict.checks, *(check for signature in verdict.signatures for check in signature.checks)]
    return tuple(dict.fromkeys((check.result, check.text_vi) for check in every))
