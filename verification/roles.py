"""Who must have signed an administrative document, and which of the two is missing (NĐ 30/2020/NĐ-CP Điều 5, 32).

An electronic document of an agency has the value of the paper original when the competent person has signed it and the agency
has, too. Which role a signature has is read from its certificate: an organisation's bears a tax or budget code and no person's
number. A certificate without any number is told by its name, or not at all.
"""

import re
import unicodedata
from collections.abc import Sequence

from verification.findings import Finding, finding
from verification.statement import folded
from verification.trusting import SignatureTrust

# How names of agencies and organisations begin (NĐ 30/2020/NĐ-CP Điều 8). Tone marks count: Trường is a school, Trương a family.
_WITH_TONES = re.compile(
    r"(BỘ|SỞ|CỤC|CHI CỤC|TỔNG CỤC|VỤ|VIỆN|PHÒNG|VĂN PHÒNG|TRƯỜNG|TRẠM|HỘI|ĐẢNG ỦY|TỈNH ỦY|THÀNH ỦY|TÒA ÁN|TOÀ ÁN|KHO BẠC|THANH TRA)\b"
)
_WITHOUT_TONES = re.compile(
    r"(UY BAN|UBND|HOI DONG|HDND|TRUNG TAM|DAI HOC|HOC VIEN|BENH VIEN|CONG AN|NGAN HANG|CONG TY|TONG CONG TY|TAP DOAN|HOP TAC XA)\b"
)


def missing_roles(signers: Sequence[SignatureTrust]) -> list[Finding]:
    """Has the competent person signed, has the agency? Unknown where a signer's role cannot be told and might be the missing one."""
    roles = [_is_organisation(one) for one in signers]
    return [
        finding("officer_signed", True if False in roles else None if None in roles else False),
        finding("agency_signed", True if True in roles else None if None in roles else False),
    ]


def _is_organisation(signer: SignatureTrust) -> bool | None:
    if signer.is_organisation or signer.is_person:
        return signer.is_organisation
    name = unicodedata.normalize("NFC", signer.signer or "").upper().strip()
    return True if _WITH_TONES.match(name) or _WITHOUT_TONES.match(folded(name)) else None
