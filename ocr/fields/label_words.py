"""Words that labels are made of, wherever they stand: what begins with one behind a label may still be the label."""

from collections.abc import Sequence
from functools import cache

from ocr.fields.layout import Token
from ocr.fields.templates import load_templates
from ocr.fields.wordings import every_wording

_IDLE = frozenset({"hiện", "nay", "đang", "thành", "phần"})  # "Quốc tịch hiện nay", "Nơi đang cư trú", "Thành phần dân tộc"
_MOST = 5  # words of a label that its form does not print
# An answer may begin with these in small letters, and so may its unit or its number.
_OF_ANSWERS = """
    xã phường thị trấn quận huyện tỉnh thành phố thôn xóm ấp bản buôn tổ dân khu đường ngõ ngách hẻm kiệt số nhà căn hộ chung cư lô thửa
    đất đặc đại lộ không có chưa đã một hai ba bốn năm sáu bảy tám chín mười ngày tháng ông bà anh chị em con cháu cha mẹ vợ chồng nam nữ
    nước xây dựng đăng ký
"""


def rest_of_a_label(label: Token, answer: Sequence[Token]) -> int:
    """How many words at the head of `answer` are still the label's, which nothing parts from them: "hiện nay" of "Quốc tịch hiện nay
    Việt Nam"."""
    if not answer or label.colon or label.leader_after or answer[0].cell_start or answer[0].row != label.row:
        return 0
    for at, token in enumerate(answer[:_MOST]):
        if not is_label_word(token):
            return at
    return len(answer) if len(answer) <= _MOST else 0


def is_idle(token: Token) -> bool:
    """True for a word that any label may have, and that asks nothing else."""
    return token.text.rstrip(":").casefold() in _IDLE


def is_label_word(token: Token) -> bool:
    """True for a word in small letters that labels are made of, and answers do not begin with."""
    return token.text[:1].islower() and token.text.rstrip(":") in _words()


@cache
def _words() -> frozenset[str]:
    """The words of all labels of the product's own templates, in small letters."""
    printed = [wording for one in load_templates(None) for entry in one.fields for wording in (entry.label, *entry.variants)]
    words = {word.strip(".,:;/()[]").casefold() for wording in (*printed, *every_wording()) for word in wording.replace("/", " ").split()}
    return frozenset(word for word in words if len(word) > 1 and word.isalpha()) - set(_OF_ANSWERS.split())
