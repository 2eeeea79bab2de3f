"""CT01: declaration of changes of residence."""

from datetime import date

from benchmarks.other_forms.invented import Place, citizen, email, phone
from benchmarks.other_forms.kinds.common import headed
from benchmarks.other_forms.model import Answer, Form, Grid, Part, Signatures, Signer
from benchmarks.other_forms.writer import Writer

CODES = ("chu_ho_mismatch", "id_gender_mismatch", "id_birthyear_mismatch", "id_length")
_RELATIONS = {"Nam": ("Con", "Cháu", "Em ruột", "Con rể"), "Nữ": ("Vợ", "Con", "Cháu", "Em ruột", "Con dâu")}


def residence(w: Writer) -> Form:
    """CT01 with the members of the household who move as well."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    person, other = citizen(chance, place), citizen(chance, place, born=(1950, 1980))
    wrong_head = w.breaks("chu_ho_mismatch", "ho_ten", "ho_ten_chu_ho", "so_dinh_danh", "so_dinh_danh_chu_ho")
    leads = wrong_head or chance.random() < 0.35
    head = person if leads and not wrong_head else other
    relation = "Chủ hộ" if leads else chance.choice((*_RELATIONS[person.sex], "Người ở thuê"))
    number = person.id12
    if w.breaks("id_gender_mismatch", "so_dinh_danh", "gioi_tinh"):
        number = person.id_with(sex=True)
    elif w.breaks("id_birthyear_mismatch", "so_dinh_danh", "ngay_sinh"):
        number = person.id_with(year=True)
    elif w.breaks("id_length", "so_dinh_danh", note="13 digits"):
        number = person.id12 + str(chance.randrange(10))
    digits, shown = phone(chance)
    known = chance.random() < 0.85
    wish = chance.choice(("Đăng ký thường trú tại", "Đăng ký tạm trú tại", "Tách hộ tại", "Xác nhận thông tin về cư trú tại"))
    first = [
        w.ask("ho_ten", person.name),
        w.day("ngay_sinh", person.born),
        w.ask("gioi_tinh", person.sex),
        w.ask("so_dinh_danh", number),
        w.ask("dien_thoai", digits if known else None, shown),
        w.ask("email", w.maybe(email(chance, person), 0.35)),
    ]
    second = [
        w.ask("ho_ten_chu_ho", head.name),
        w.ask("quan_he_chu_ho", relation),
        w.ask("so_dinh_danh_chu_ho", head.id12),
        w.ask("noi_dung_de_nghi", f"{wish} {place.address()}"),
    ]
    parts: list[Part] = [
        w.to(f"Công an {place.commune}{f', {place.province}' if chance.random() < 0.6 else ''}"),
        headed(w, "THÔNG TIN NGƯỜI KÊ KHAI", first, "I"),
        headed(w, "THÔNG TIN CHỦ HỘ VÀ NỘI DUNG ĐỀ NGHỊ", second, "II"),
        _members(w, place, head.name.split()[0]),
        _opinions(w, head.name, person.name, filed),
    ]
    return Form(["TỜ KHAI THAY ĐỔI THÔNG TIN CƯ TRÚ"], parts, remark=f"Mẫu CT01 {w.remark()}".strip())


def _members(w: Writer, place: Place, family: str) -> Grid:
    count = w.chance.choice((0, 1, 2, 2, 3))
    rows: list[list[Answer | str]] = []
    for number in range(1, count + 1):
        member = citizen(w.chance, place, born=(1960, 2018), family=family)
        rows.append(
            [
                "",
                w.cell("thanh_vien", number, "ho_ten", member.name),
                w.cell("thanh_vien", number, "ngay_sinh", member.born.isoformat(), f"{member.born:%d/%m/%Y}"),
                w.cell("thanh_vien", number, "gioi_tinh", member.sex),
                w.cell("thanh_vien", number, "so_dinh_danh", member.id12),
                w.cell("thanh_vien", number, "quan_he", w.chance.choice(_RELATIONS[member.sex])),
            ]
        )
    head = ("TT", "Họ, chữ đệm và tên", "Ngày, tháng, năm sinh", "Giới tính", "Số định danh cá nhân", "Mối quan hệ với chủ hộ")
    if w.daring > 0.4:
        head = (
            ("STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Quan hệ với chủ hộ")
            if w.style.held_out
            else ("STT", "Họ và tên", *head[2:])
        )
    columns = list(zip(head, (0.06, 0.26, 0.16, 0.1, 0.22, 0.2), strict=True))
    return Grid(
        "Những thành viên trong hộ gia đình cùng thay đổi", columns, rows, number="11", blank=w.chance.randint(0, 3) + (count == 0) * 2
    )


def _opinions(w: Writer, head: str, person: str, filed: date) -> Signatures:
    dated = w.chance.random() < 0.5
    over = [w.dated(name, filed) if dated else None for name in ("ngay_y_kien_chu_ho", "ngay_ke_khai")]
    note = "(Ký, ghi rõ họ tên)"
    owner = citizen(w.chance, Place(w.chance)).name if w.chance.random() < 0.3 else None
    columns = [
        Signer(["Ý KIẾN CỦA CHỦ HỘ"], w.ask("ho_ten_chu_ho_2", head), note, over[0]),
        Signer(["Ý KIẾN CỦA CHỦ SỞ HỮU CHỖ Ở HỢP PHÁP"], w.ask("ho_ten_chu_so_huu", owner), note),
        Signer(["Ý KIẾN CỦA CHA, MẸ HOẶC NGƯỜI GIÁM HỘ"], w.ask("ho_ten_cha_me_giam_ho", None), note),
        Signer(["NGƯỜI KÊ KHAI"], w.ask("ho_ten_nguoi_ke_khai", person), note, over[1]),
    ]
    return Signatures(columns)
