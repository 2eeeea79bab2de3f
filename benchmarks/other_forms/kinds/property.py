"""Land and building: change of land registration, building permit, registration fee for house and land."""

from benchmarks.other_forms.invented import Citizen, Place, citizen, day_between, email, phone, tax_code
from benchmarks.other_forms.kinds.common import headed, paper_of, signer
from benchmarks.other_forms.model import Answer, Boxes, Form, Group, Items, Part, Signatures, Words
from benchmarks.other_forms.writer import Writer

LAND_CODES = ("seri_format", "multiple_boxes")
BUILDING_CODES = ("floor_area_lt_ground", "mst_check_digit")
FEE_CODES = ("gift_with_value", "mst_check_digit")
_CHANGES = (
    "Nhận chuyển nhượng quyền sử dụng đất|Tặng cho quyền sử dụng đất cho con|"
    "Đính chính họ tên, số căn cước trên Giấy chứng nhận|Thay đổi địa chỉ của người sử dụng đất|"
    "Chuyển mục đích sử dụng đất từ đất trồng cây lâu năm sang đất ở"
)
_PAPERS = (
    "Bản chính Giấy chứng nhận|Hợp đồng chuyển nhượng quyền sử dụng đất có công chứng|Tờ khai lệ phí trước bạ|"
    "Bản sao căn cước công dân|Trích đo bản đồ địa chính|Văn bản ủy quyền"
)
_PLANS = (
    "Bản vẽ thiết kế xây dựng (02 bộ)|Bản sao Giấy chứng nhận quyền sử dụng đất|"
    "Bản cam kết bảo đảm an toàn công trình liền kề|Báo cáo kết quả thẩm tra thiết kế|Bản vẽ mặt bằng, mặt cắt móng"
)


def land_change(w: Writer) -> Form:
    """Request to register a change of land."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    owner = citizen(chance, place, born=(1950, 2000))
    digits, shown = phone(chance)
    known = chance.random() < 0.8
    section = Group(
        [
            w.ask("ten", owner.name),
            w.ask("giay_to", paper_of(w, owner, filed)),
            w.ask("dia_chi", owner.home),
            w.ask("dien_thoai", digits if known else None, shown),
            w.ask("email", w.maybe(email(chance, owner), 0.5)),
        ],
        "Người sử dụng đất, chủ sở hữu tài sản gắn liền với đất",
        "1",
    )
    whole = "so_seri" in w.template.fields
    parts: list[Part] = [
        w.to(f"{chance.choice(('Chi nhánh Văn phòng đăng ký đất đai', 'Văn phòng đăng ký đất đai'))} {place.province}"),
        section,
    ]
    if whole:
        serial = chance.randint(100000, 999999)
        bad = w.breaks("seri_format", "so_seri", note="2 letters + 4 digits")
        certificate = [
            w.ask("so_vao_so", f"{chance.choice(('CS', 'CH', 'VP'))} {chance.randint(10000, 99999)}"),
            w.ask("so_seri", f"{chance.choice(('DG', 'CX', 'BM', 'AA', 'DK'))} {serial // 100 if bad else serial}"),
            w.day("ngay_cap_gcn", day_between(chance, owner.born.replace(year=2008), owner.born.replace(year=2023))),
        ]
        parts.append(Group(certificate, "Giấy chứng nhận đã cấp", "2"))
    answers = [w.ask("noi_dung_bien_dong", chance.choice(_CHANGES.split("|")))]
    if whole:
        answers.append(w.ask("mien_giam", w.maybe("Hộ nghèo", 0.8)))
    parts += [
        Group(answers),
        _list(w, "giay_to_kem", _PAPERS, "Giấy tờ liên quan đến nội dung biến động nộp kèm theo đơn này gồm", "5" if whole else "3"),
    ]
    if whole:
        new = chance.random() < 0.5
        both = w.breaks("multiple_boxes", "cap_moi_co", "cap_moi_khong")
        parts.append(Boxes("", [w.box("cap_moi_co", new or both), w.box("cap_moi_khong", not new or both)], after=False))
    parts += [
        Words(
            "Tôi/chúng tôi cam đoan nội dung kê khai trên đơn là đúng sự thật, nếu sai hoàn toàn chịu trách nhiệm trước pháp luật.", "first"
        ),
        w.dated("ngay_lam_don", filed, place.ward),
        Signatures([signer(w, "ho_ten_nguoi_viet_don", owner.name, "Người viết đơn")]),
    ]
    title = ["ĐƠN ĐĂNG KÝ BIẾN ĐỘNG", "ĐẤT ĐAI, TÀI SẢN GẮN LIỀN VỚI ĐẤT"]
    return Form(chance.choice((title, [" ".join(title)])), parts, remark=w.remark())


def building_permit(w: Writer) -> Form:
    """Request for a permit to build a house."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    owner = citizen(chance, place, born=(1955, 1995))
    digits, shown = phone(chance)
    firm = chance.random() < 0.3 or w.breaks("mst_check_digit", "ma_so")
    code = tax_code(chance, right="mst_check_digit" not in w.checks) if firm else owner.id12
    name = f"Công ty TNHH Xây dựng {owner.name.split()[-1]} Phát" if firm else owner.name
    ground = chance.randint(480, 1800) / 10
    bad = w.breaks("floor_area_lt_ground", "tong_dien_tich_san", "dien_tich_tang_1")
    floors = chance.randint(1, 6)
    builder = [
        w.ask("ten_chu_dau_tu", name),
        w.ask("nguoi_dai_dien", owner.name if firm else None),
        w.ask("chuc_vu", "Giám đốc" if firm else None),
        w.ask("ma_so", code),
        w.ask("dia_chi_lien_he", owner.home),
        w.ask("dien_thoai", digits, shown),
    ]
    site = [
        w.ask("lo_dat_so", str(chance.randint(2, 900))),
        w.number("dien_tich_lo_dat", round(ground * chance.uniform(1.05, 2.2), 1), unit="m²"),
        w.ask("so_nha", w.maybe(str(chance.randint(2, 400)), 0.2)),
        w.ask("duong_pho", place.street()),
        w.ask("xa_cong_trinh", f"{place.commune}{f', {place.district}' if place.district else ''}"),
        w.ask("tinh_cong_trinh", place.province),
    ]
    letters = chance.choice(("HNT", "DNA", "SGN", "BXD"))
    design = [
        w.ask("ten_don_vi_thiet_ke", f"Công ty Cổ phần Tư vấn Kiến trúc {chance.choice(('Hồng Hà', 'An Phú', 'Trường Sơn'))}"),
        w.ask("ma_chung_chi", f"{letters}-{chance.randint(10000, 99999):08}"),
        w.ask("chu_nhiem_thiet_ke", f"{citizen(chance, place).name}, {letters}-{chance.randint(10000, 99999):08}"),
    ]
    house = [
        w.ask("cap_cong_trinh", chance.choice(("Cấp III", "Cấp IV", "Cấp II"))),
        w.number("dien_tich_tang_1", ground, unit="m²"),
        w.number("tong_dien_tich_san", round(ground * (0.6 if bad else floors * 0.97 + 0.1), 1), unit="m²"),
        w.number("chieu_cao", round(3.5 * floors + chance.uniform(0.2, 1.4), 1), unit="m"),
        w.ask("so_tang", str(floors)),
    ]
    months = chance.randint(3, 18)
    parts: list[Part] = [
        Group([w.ask("loai_cong_trinh", chance.choice(("Nhà ở riêng lẻ", "Không theo tuyến", "Theo tuyến trong đô thị")))]),
        w.to(f"{chance.choice(('Ủy ban nhân dân ' + place.commune, 'Sở Xây dựng ' + place.province))}"),
        Group(builder, "Thông tin về chủ đầu tư", "1"),
        Words("2. Thông tin công trình:", "heading"),
        Words("Địa điểm xây dựng:", "plain"),
        Group(site),
        Group(design, "Tổ chức/cá nhân lập, thẩm tra thiết kế xây dựng", "3"),
        Words("4. Nội dung đề nghị cấp phép:", "heading"),
        *([Words("4.4. Đối với công trình nhà ở riêng lẻ:", "heading")] if chance.random() < 0.7 else []),
        Group(house),
        Group([w.ask("thoi_gian_hoan_thanh", months, f"{months:02}" if chance.random() < 0.4 else str(months), unit="tháng")]),
        Words(
            "6. Cam kết: Tôi xin cam đoan làm theo đúng giấy phép được cấp, "
            "nếu sai tôi xin hoàn toàn chịu trách nhiệm và bị xử lý theo quy định của pháp luật.",
            "plain",
        ),
        _list(w, "tai_lieu", _PLANS, "Gửi kèm theo đơn này các tài liệu", ""),
        w.dated("ngay_lam_don", filed, place.ward),
        Signatures([signer(w, "ho_ten_nguoi_lam_don", owner.name, chance.choice(("NGƯỜI LÀM ĐƠN", "NGƯỜI LÀM ĐƠN/ĐẠI DIỆN CHỦ ĐẦU TƯ")))]),
    ]
    return Form(["ĐƠN ĐỀ NGHỊ CẤP GIẤY PHÉP XÂY DỰNG"], parts, remark=w.remark())


def registration_fee(w: Writer) -> Form:
    """01/LPTB: declaration of the registration fee for house and land."""
    chance, filed = w.chance, w.filed()
    place = Place(chance, old=filed.year < 2025)
    payer = citizen(chance, place, born=(1955, 2000))
    digits, shown = phone(chance)
    wrong = w.breaks("mst_check_digit", "ma_so_thue")
    code = tax_code(chance, right=not wrong) if wrong or chance.random() < 0.5 else payer.id12
    first = chance.random() < 0.85
    period = Boxes("[01] Kỳ tính thuế", [w.box("lan_phat_sinh", True)])
    again = w.ask("bo_sung_lan", None if first else chance.randint(1, 3), hint="")
    again.label = "[03] Bổ sung lần thứ"
    times = Boxes("", [w.box("lan_dau", first)], tail=[again])
    payer_answers = [
        w.ask("ten_nguoi_nop_thue", payer.name),
        w.ask("ma_so_thue", code),
        w.ask("dia_chi", place.detail() if chance.random() < 0.7 else payer.home.split(", xã")[0].split(", phường")[0]),
        w.ask("quan_huyen_xa", place.district or place.commune),
        w.ask("tinh", place.province if chance.random() < 0.5 else place.area),
        w.ask("dien_thoai", digits, shown),
        w.ask("fax", None),
        w.ask("email", w.maybe(email(chance, payer), 0.5)),
    ]
    agent = [w.ask("ten_dai_ly", None), w.ask("ma_so_thue_dai_ly", None), w.ask("dia_chi_dai_ly", None)]
    parts: list[Part] = [
        period,
        times,
        headed(w, "NGƯỜI NỘP THUẾ", payer_answers, "I"),
        headed(w, "ĐẠI LÝ THUẾ", agent, "II"),
        Words("ĐẶC ĐIỂM NHÀ ĐẤT:", "heading"),
        *_land_and_house(w, place),
        Words("Tôi cam đoan số liệu khai trên là đúng và chịu trách nhiệm trước pháp luật về số liệu đã khai./.", "first"),
        w.dated("ngay_ke_khai", filed, place.ward if chance.random() < 0.5 else ""),
        Signatures([signer(w, "ho_ten_nguoi_nop_thue", payer.name, "NGƯỜI NỘP THUẾ hoặc<br>ĐẠI DIỆN HỢP PHÁP CỦA NGƯỜI NỘP THUẾ")]),
    ]
    subtitle = chance.choice(("(Áp dụng đối với nhà, đất)", "(Dùng cho nhà, đất)"))
    return Form(["TỜ KHAI LỆ PHÍ TRƯỚC BẠ"], parts, remark=f"Mẫu số: 01/LPTB {w.remark()}".strip(), subtitle=subtitle)


def _land_and_house(w: Writer, place: Place) -> list[Part]:
    chance = w.chance
    breaks = w.breaks("gift_with_value", "nguon_goc_dat", "gia_tri_dat")
    gift = breaks or chance.random() < 0.35
    other: Citizen = citizen(chance, place)
    way = chance.choice(("Nhận tặng cho từ", "Nhận thừa kế của")) if gift else "Nhận chuyển nhượng của"
    origin = f"{way} {'ông' if other.sex == 'Nam' else 'bà'} {other.name}"
    value = chance.randint(300, 6000) * 10**6
    built = chance.random() < 0.55
    house = chance.randint(200, 2200) * 10**6 if built else None
    land = [
        w.ask("dia_chi_thua_dat", f"Thửa đất số {chance.randint(2, 900)}, tờ bản đồ số {chance.randint(1, 90)}, {place.whole}"),
        w.ask("vi_tri", chance.choice(("Mặt tiền đường phố", "Ngõ rộng 3 m", "Hẻm cấp 2", "Đường liên thôn"))),
        w.ask("muc_dich_dat", chance.choice(("Đất ở tại nông thôn", "Đất ở tại đô thị", "Đất trồng cây lâu năm"))),
        w.number("dien_tich_dat", chance.randint(400, 5000) / 10, unit=chance.choice(("", "m²"))),
        w.ask("nguon_goc_dat", origin),
        w.amount("gia_tri_dat", value if breaks or not gift else None, unit=chance.choice(("đồng", ""))),
    ]
    home = [
        w.ask("cap_nha", chance.choice(("Cấp III", "Cấp IV", "II")) if built else None),
        w.ask("loai_nha", chance.choice(("Nhà ở riêng lẻ", "Nhà cấp 4 mái ngói", "Nhà bê tông cốt thép 2 tầng")) if built else None),
        w.number("dien_tich_nha", chance.randint(400, 3000) / 10 if built else None),
        w.ask(
            "nguon_goc_nha",
            (chance.choice(("Tự xây dựng", "Nhận chuyển nhượng", "Mua lại")) if not gift else "Nhận tặng cho") if built else None,
        ),
        w.amount("gia_tri_nha", house),
    ]
    total = None if gift and not breaks else value + (house or 0)
    rest = [
        w.amount("gia_tri_thuc_te", total, unit=chance.choice(("", "đồng"))),
        w.ask("mien_le_phi", "Tặng cho giữa cha mẹ với con đẻ" if gift and not breaks and chance.random() < 0.7 else None),
        w.ask(
            "giay_to_lien_quan",
            w.maybe("Hợp đồng chuyển nhượng; bản sao căn cước công dân" if not gift else "Hợp đồng tặng cho; bản sao giấy khai sinh"),
        ),
    ]
    return [Group(land, "Đất", "1"), Group(home, "Nhà", "2"), Group(rest)]


def _list(w: Writer, name: str, papers: str, label: str, number: str) -> Items:
    chosen = w.chance.sample(papers.split("|"), w.chance.randint(1, 4))
    answers: list[Answer] = [w.cell(name, place, "ten", one) for place, one in enumerate(chosen, 1)]
    return Items(label, answers, number)
