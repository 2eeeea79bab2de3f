"""How else people print the labels of the forms: for each legal wording those of the ordinary half and those held out.

A label is looked up without its number. Half of the papers keep to the legal wording, others depart from it more or less.
"""

import random
import re

from msgspec import Struct

_NUMBER = re.compile(r"^(\[\d+\]|\d+(\.\d+)*\.|[a-zđ]\)|-)\s*")


class Wording(Struct, frozen=True):
    """A label as it is printed, with what may stand after it: a hint in brackets, the label in English."""

    label: str
    hint: str
    english: str


def number_of(label: str) -> str:
    """The number at the head of a legal label: "4" of "4. Số định danh cá nhân", "[05]" of "[05] Mã số thuế"."""
    found = _NUMBER.match(label)
    return found[1].rstrip(".)") if found and found[1] != "-" else ""


def wording(label: str, chance: random.Random, held_out: bool, daring: float) -> Wording:
    """The words to print for a label of a template; `daring` is the share of labels that depart from the legal form."""
    bare = _NUMBER.sub("", label)
    others = _OTHERS.get(bare, ((), ()))[held_out]
    said = chance.choice(others) if others and chance.random() < daring else bare
    hints = _HINTS.get(bare, ((), ()))[held_out]
    return Wording(said, chance.choice(hints) if hints else "", _ENGLISH.get(bare, ""))


_NAME = (("Họ và tên", "Họ, chữ đệm và tên"), ("Họ tên", "Họ và tên khai sinh", "Họ, tên đệm, tên"))
_BORN = (("Ngày sinh", "Sinh ngày"), ("Ngày tháng năm sinh", "Ngày/tháng/năm sinh"))
_HOME = (("Nơi thường trú", "Chỗ ở hiện nay"), ("Địa chỉ thường trú", "Nơi đang cư trú"))
_PAPER = (("Giấy tờ tuỳ thân", "Số CCCD/Hộ chiếu"), ("Số thẻ căn cước/hộ chiếu", "Giấy tờ chứng minh nhân thân"))
_ID = (("Số CCCD", "Số định danh cá nhân/CCCD"), ("Mã số định danh cá nhân", "Số căn cước", "Số ĐDCN"))
_PHONE = (("Số điện thoại", "Điện thoại"), ("Điện thoại liên lạc", "SĐT", "Di động"))
_MAIL = (("Email", "Thư điện tử"), ("Địa chỉ email", "Hộp thư điện tử", "E-mail"))

_OTHERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Họ, chữ đệm, tên": _NAME,
    "Họ, chữ đệm và tên": (("Họ và tên", "Họ, chữ đệm, tên"), ("Họ tên", "Họ và tên khai sinh")),
    "Họ, chữ đệm và tên khai sinh": (("Họ và tên", "Họ, chữ đệm, tên khai sinh"), ("Họ tên khai sinh", "Họ và tên khai sinh")),
    "Họ, chữ đệm, tên người yêu cầu": (("Họ và tên người yêu cầu", "Tôi là"), ("Họ tên người yêu cầu", "Người yêu cầu (họ và tên)")),
    "Họ, chữ đệm, tên người mẹ": (("Họ và tên người mẹ", "Họ và tên mẹ"), ("Họ tên mẹ", "Họ, chữ đệm, tên mẹ")),
    "Họ, chữ đệm, tên người cha": (("Họ và tên người cha", "Họ và tên cha"), ("Họ tên cha", "Họ, chữ đệm, tên cha")),
    "Họ, chữ đệm, tên người đi khai sinh": (("Họ và tên người đi khai sinh",), ("Họ tên người đi khai sinh", "Người đi khai sinh")),
    "Họ, chữ đệm và tên chủ hộ": (("Họ và tên chủ hộ", "Họ, chữ đệm, tên chủ hộ"), ("Họ tên chủ hộ", "Chủ hộ (họ và tên)")),
    "Ngày, tháng, năm sinh": _BORN,
    "Sinh ngày": (("Ngày sinh", "Ngày, tháng, năm sinh"), ("Ngày tháng năm sinh", "Sinh ngày, tháng, năm")),
    "Năm sinh": (("Ngày, tháng, năm sinh", "Sinh năm"), ("Ngày tháng năm sinh", "Năm sinh (hoặc ngày sinh)")),
    "ghi bằng chữ": (("Ghi bằng chữ", "bằng chữ"), ("Viết bằng chữ", "Ngày sinh ghi bằng chữ")),
    "Ghi bằng chữ": (("Bằng chữ",), ("Viết bằng chữ", "Ngày sinh ghi bằng chữ")),
    "Giới tính": (("Giới tính",), ("Nam/Nữ", "Giới")),
    "Dân tộc": ((), ("Thành phần dân tộc",)),
    "Quốc tịch": ((), ("Quốc tịch hiện nay",)),
    "Nơi cư trú": _HOME,
    "Nơi thường trú": (("Địa chỉ thường trú", "Thường trú tại"), ("Nơi đăng ký thường trú", "Hộ khẩu thường trú")),
    "Nơi tạm trú": (("Địa chỉ tạm trú",), ("Nơi đăng ký tạm trú", "Tạm trú tại")),
    "Giấy tờ tùy thân": _PAPER,
    "Số định danh cá nhân": _ID,
    "Số định danh cá nhân (nếu có)": _ID,
    "Số định danh cá nhân/CMND": (("Số CCCD/CMND", "Số định danh cá nhân"), ("Số ĐDCN/CMND",)),
    "Số định danh cá nhân của chủ hộ": (
        ("Số CCCD của chủ hộ", "Số định danh cá nhân chủ hộ"),
        ("Số căn cước của chủ hộ", "Mã số định danh chủ hộ"),
    ),
    "Số định danh cá nhân/CMND của chủ hộ": (("Số CCCD/CMND của chủ hộ",), ("Số ĐDCN/CMND của chủ hộ",)),
    "Số điện thoại liên hệ": _PHONE,
    "Số điện thoại": _PHONE,
    "Điện thoại": (("Số điện thoại",), ("Điện thoại liên hệ", "SĐT")),
    "Điện thoại (nếu có)": (("Số điện thoại", "Điện thoại"), ("Điện thoại liên hệ", "SĐT (nếu có)")),
    "Điện thoại liên hệ (nếu có)": (("Số điện thoại", "Điện thoại liên hệ"), ("Điện thoại", "SĐT liên hệ")),
    "Email": _MAIL,
    "E-mail": _MAIL,
    "Thư điện tử (nếu có)": _MAIL,
    "Hộp thư điện tử (nếu có)": (("Email (nếu có)", "Thư điện tử"), ("Địa chỉ email", "E-mail")),
    "Mối quan hệ với chủ hộ": (("Quan hệ với chủ hộ",), ("Là gì của chủ hộ", "Quan hệ chủ hộ")),
    "Nội dung đề nghị": (("Nội dung yêu cầu",), ("Đề nghị giải quyết", "Nội dung đề nghị giải quyết")),
    "Quan hệ với người được khai sinh": (("Mối quan hệ với người được khai sinh",), ("Quan hệ với trẻ", "Là gì của người được khai sinh")),
    "Nơi sinh": (("Sinh tại",), ("Địa điểm sinh", "Nơi sinh (xã, tỉnh)")),
    "Quê quán": (("Nguyên quán",), ("Quê gốc", "Quê quán (theo cha hoặc mẹ)")),
    "Làm tại": (("Lập tại",), ("Nơi làm đơn",)),
    "Số lượng": (("Số lượng bản sao",), ("Số bản sao",)),
    "Tình trạng hôn nhân": (("Tình trạng hôn nhân hiện nay",), ("Hiện trạng hôn nhân",)),
    "Mục đích sử dụng Giấy xác nhận tình trạng hôn nhân": (("Mục đích sử dụng",), ("Sử dụng vào mục đích", "Lý do xin cấp")),
    "Trong thời gian cư trú tại": ((), ("Trong thời gian thường trú tại",)),
    "Quan hệ với người được cấp Giấy xác nhận tình trạng hôn nhân": (
        ("Quan hệ với người được cấp Giấy xác nhận",),
        ("Quan hệ với người được xác nhận",),
    ),
    "Quan hệ với người được cấp bản sao Trích lục hộ tịch": (
        ("Quan hệ với người được cấp bản sao trích lục",),
        ("Quan hệ với người có tên trong trích lục",),
    ),
    "Đã đăng ký tại": (("Đã được đăng ký tại",), ("Nơi đã đăng ký",)),
    "Số lượng bản sao yêu cầu cấp": (("Số lượng bản sao đề nghị cấp",), ("Số bản sao cần cấp", "Số lượng")),
    "Nơi đăng ký khai sinh": (("Nơi đăng ký",), ("Cơ quan đăng ký khai sinh",)),
    "Ngày, tháng, năm đăng ký": (("Ngày đăng ký",), ("Đăng ký ngày",)),
    "Tên tôi là": (("Họ và tên", "Tôi tên là"), ("Họ, chữ đệm và tên khai sinh", "Họ tên")),
    "Tên gọi khác (nếu có)": (("Tên gọi khác",), ("Bí danh/Tên gọi khác",)),
    "Giấy CMND/CCCD/Hộ chiếu - Số": (("Số CMND/CCCD/Hộ chiếu", "Giấy CCCD/Hộ chiếu số"), ("Số thẻ căn cước/CCCD/hộ chiếu", "CCCD số")),
    "Cấp ngày": (("Ngày cấp",), ("Ngày, tháng, năm cấp",)),
    "Tại": (("Nơi cấp",), ("Cơ quan cấp", "Nơi cấp giấy tờ")),
    "Họ tên cha": (("Họ và tên cha",), ("Họ, chữ đệm, tên cha", "Họ tên bố")),
    "Họ tên mẹ": (("Họ và tên mẹ",), ("Họ, chữ đệm, tên mẹ",)),
    "Họ tên vợ (chồng)": (("Họ và tên vợ (chồng)", "Họ tên vợ/chồng"), ("Vợ (chồng), họ và tên",)),
    "Mục đích yêu cầu cấp Phiếu lý lịch tư pháp": (("Mục đích yêu cầu cấp Phiếu",), ("Mục đích sử dụng Phiếu",)),
    "Số lượng Phiếu lý lịch tư pháp yêu cầu cấp": (("Số lượng Phiếu yêu cầu cấp",), ("Số phiếu yêu cầu cấp",)),
    "Tôi là (ghi họ tên bằng chữ in hoa)": (
        ("Tôi là", "Họ và tên (chữ in hoa)"),
        ("Tên tôi là (viết chữ in hoa)", "Họ tên chủ hộ kinh doanh"),
    ),
    "Xã/Phường/Đặc khu": (("Xã/Phường",), ("Phường/xã/đặc khu", "Xã, phường, đặc khu")),
    "Tỉnh/Thành phố trực thuộc trung ương": (("Tỉnh/Thành phố",), ("Tỉnh, thành phố", "Tỉnh/TP")),
    "Số nhà/phòng, ngách/hẻm, ngõ/kiệt, đường/phố/đại lộ, tổ/xóm/ấp/thôn": (
        ("Số nhà, ngách, hẻm, ngõ, đường phố/tổ/xóm/ấp/thôn",),
        ("Số nhà, đường phố/xóm/ấp/thôn", "Số nhà, tên đường, thôn/xóm"),
    ),
    "Tên hộ kinh doanh viết bằng tiếng Việt (ghi bằng chữ in hoa)": (
        ("Tên hộ kinh doanh viết bằng tiếng Việt",),
        ("Tên hộ kinh doanh bằng tiếng Việt",),
    ),
    "Tên hộ kinh doanh viết bằng tiếng nước ngoài (nếu có)": (
        ("Tên hộ kinh doanh viết bằng tiếng nước ngoài",),
        ("Tên bằng tiếng nước ngoài (nếu có)",),
    ),
    "Tên hộ kinh doanh viết tắt (nếu có)": (("Tên viết tắt (nếu có)",), ("Tên viết tắt",)),
    "Tổng số (bằng số, VNĐ)": (("Tổng số (bằng số)", "Vốn kinh doanh (bằng số)"), ("Tổng số vốn bằng số", "Bằng số (VNĐ)")),
    "Tổng số (bằng chữ)": (("Bằng chữ",), ("Tổng số vốn bằng chữ", "Viết bằng chữ")),
    "Địa chỉ nhận thông báo thuế": (("Địa chỉ nhận thông báo của cơ quan thuế",), ("Nơi nhận thông báo thuế",)),
    "Ngày bắt đầu hoạt động": (("Ngày bắt đầu kinh doanh",), ("Bắt đầu hoạt động từ ngày", "Ngày bắt đầu hoạt động kinh doanh")),
    "Tổng số lao động (dự kiến)": (("Tổng số lao động",), ("Số lao động dự kiến", "Số lượng lao động")),
    "Tên": (("Họ và tên",), ("Tên người sử dụng đất",)),
    "Giấy tờ nhân thân/pháp nhân": (("Giấy tờ nhân thân/pháp nhân số",), ("Giấy tờ nhân thân",)),
    "Địa chỉ": (("Địa chỉ thường trú",), ("Địa chỉ liên hệ",)),
    "Số vào sổ cấp Giấy chứng nhận": (("Số vào sổ cấp GCN",), ("Số vào sổ",)),
    "Số phát hành Giấy chứng nhận (Số seri)": (
        ("Số phát hành GCN (số seri)", "Số phát hành Giấy chứng nhận"),
        ("Số seri Giấy chứng nhận", "Số phát hành (seri)"),
    ),
    "Ngày cấp Giấy chứng nhận": (("Ngày cấp GCN",), ("Giấy chứng nhận cấp ngày",)),
    "Nội dung biến động": (("Nội dung biến động về",), ("Nội dung đăng ký biến động",)),
    "Đối tượng được miễn, giảm nghĩa vụ tài chính (nếu có)": (
        ("Đối tượng miễn, giảm nghĩa vụ tài chính",),
        ("Thuộc đối tượng miễn, giảm nghĩa vụ tài chính",),
    ),
    "Tên chủ đầu tư (tên chủ hộ)": (("Tên chủ đầu tư", "Tên chủ hộ"), ("Chủ đầu tư (chủ hộ)",)),
    "Người đại diện": ((), ("Họ tên người đại diện",)),
    "Chức vụ (nếu có)": (("Chức vụ",), ("Chức danh",)),
    "Mã số doanh nghiệp/Số định danh": (("Số định danh cá nhân/Mã số doanh nghiệp",), ("Số định danh/Mã số thuế", "Số định danh")),
    "Địa chỉ liên hệ": (("Địa chỉ",), ("Địa chỉ thường trú",)),
    "Lô đất số": (("Thửa đất số",), ("Số thửa đất",)),
    "Diện tích": (("Diện tích lô đất",), ("Diện tích khu đất",)),
    "Tại số nhà": (("Số nhà",), ()),
    "đường/phố": (("đường (phố)",), ("Đường/phố",)),
    "phường/xã, quận/huyện": (("phường/xã",), ("Phường (xã)",)),
    "tỉnh/thành phố": (("tỉnh, thành phố",), ("Tỉnh/thành phố",)),
    "Tên tổ chức/cá nhân": (("Tên đơn vị thiết kế",), ("Đơn vị/cá nhân thiết kế",)),
    "Mã số chứng chỉ năng lực/hành nghề": (("Mã số chứng chỉ",), ("Số chứng chỉ năng lực/hành nghề",)),
    "Cấp công trình": ((), ("Loại, cấp công trình",)),
    "Diện tích xây dựng tầng 1 (tầng trệt)": (("Diện tích xây dựng tầng 1",), ("Diện tích tầng trệt", "DT xây dựng tầng 1")),
    "Tổng diện tích sàn": (("Tổng diện tích sàn xây dựng",), ("Tổng DT sàn",)),
    "Chiều cao công trình": ((), ("Chiều cao toàn công trình",)),
    "Số tầng": ((), ("Số tầng cao",)),
    "Dự kiến thời gian hoàn thành công trình": (("Thời gian hoàn thành công trình dự kiến",), ("Thời gian thi công dự kiến",)),
    "Tên người nộp thuế": (("Người nộp thuế",), ("Họ tên người nộp thuế",)),
    "Mã số thuế": (("MST",), ("Mã số thuế/Số định danh",)),
    "Tỉnh/Thành phố": (("Tỉnh/TP",), ("Tỉnh, thành phố",)),
    "Xã/phường": (("Phường/xã",), ("Xã, phường",)),
    "Tên đại lý thuế (nếu có)": (("Tên đại lý thuế",), ("Đại lý thuế (nếu có)",)),
    "Địa chỉ thửa đất": (("Địa chỉ nhà, đất",), ("Thửa đất tại",)),
    "Vị trí (mặt tiền đường phố hay ngõ, hẻm)": (("Vị trí thửa đất (mặt tiền đường phố hay ngõ, hẻm)",), ("Vị trí thửa đất",)),
    "Diện tích (m²)": (("Diện tích",), ("Diện tích đất (m²)",)),
    "Diện tích nhà (m² sàn xây dựng)": (("Diện tích nhà (m2 sàn)",), ("Diện tích sàn xây dựng (m²)",)),
    "Nguồn gốc nhà đất (đất được Nhà nước giao, cho thuê; đất nhận chuyển nhượng; nhận thừa kế, hoặc nhận tặng cho)": (
        ("Nguồn gốc nhà đất",),
        ("Nguồn gốc đất", "Nguồn gốc sử dụng đất"),
    ),
    "Giá trị đất thực tế chuyển giao (nếu có)": (("Giá trị đất thực tế chuyển giao",), ("Giá trị đất chuyển giao (đồng)",)),
    "Giá trị nhà (đồng)": (("Giá trị nhà",), ("Giá trị nhà (VNĐ)",)),
    "Giấy tờ có liên quan, gồm": (("Giấy tờ có liên quan",), ("Giấy tờ kèm theo",)),
}

_WHOLE = ("ghi rõ số nhà, đường, xã/phường, tỉnh/thành phố", "theo nơi đăng ký thường trú; nếu không có thì ghi nơi tạm trú")
_HINTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Họ, chữ đệm, tên": (("ghi bằng chữ in hoa, có dấu", "chữ in hoa"), ("viết in hoa đủ dấu", "theo Giấy khai sinh")),
    "Họ, chữ đệm và tên": (("chữ in hoa",), ("viết in hoa đủ dấu",)),
    "Nơi cư trú": (_WHOLE[:1], _WHOLE[1:]),
    "Nơi thường trú": (_WHOLE[:1], ("theo Cơ sở dữ liệu quốc gia về dân cư",)),
    "Giấy tờ tùy thân": (("số, cơ quan cấp, ngày cấp",), ("loại giấy tờ, số, nơi cấp, ngày cấp",)),
    "Số định danh cá nhân": (("12 số",), ("nếu đã được cấp",)),
    "Ngày, tháng, năm sinh": (("dd/mm/yyyy",), ("ghi bằng số",)),
    "Nơi sinh": (("ghi rõ xã, tỉnh",), ("theo Giấy khai sinh",)),
    "Số điện thoại": (("nếu có",), ("di động",)),
    "Tình trạng hôn nhân": (("ghi rõ chưa kết hôn, đã ly hôn hoặc vợ/chồng đã chết",), ("theo giấy tờ chứng minh",)),
    "Mã số thuế": (("nếu có",), ("10 hoặc 12 số",)),
}

_ENGLISH = {
    "Họ, chữ đệm, tên": "Full name",
    "Họ, chữ đệm và tên": "Full name",
    "Họ, chữ đệm và tên khai sinh": "Full name",
    "Họ, chữ đệm, tên người yêu cầu": "Full name of applicant",
    "Họ, chữ đệm, tên người mẹ": "Mother's full name",
    "Họ, chữ đệm, tên người cha": "Father's full name",
    "Ngày, tháng, năm sinh": "Date of birth",
    "Năm sinh": "Year of birth",
    "Giới tính": "Sex",
    "Dân tộc": "Ethnic group",
    "Quốc tịch": "Nationality",
    "Nơi cư trú": "Residence",
    "Nơi thường trú": "Permanent residence",
    "Nơi tạm trú": "Temporary residence",
    "Giấy tờ tùy thân": "Identification",
    "Số định danh cá nhân": "Personal identification No.",
    "Số định danh cá nhân (nếu có)": "Personal identification No.",
    "Số điện thoại liên hệ": "Phone number",
    "Số điện thoại": "Phone number",
    "Nơi sinh": "Place of birth",
    "Quê quán": "Place of origin",
    "Tình trạng hôn nhân": "Marital status",
    "Nơi đăng ký khai sinh": "Place of registration",
    "Ngày, tháng, năm đăng ký": "Date of registration",
    "Họ tên cha": "Father's name",
    "Họ tên mẹ": "Mother's name",
}
