"""People, places and numbers that do not exist, each with the structure that the law gives it."""

import random
from datetime import date, timedelta

from samples.people import Person, unaccented

_FAMILIES = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đào Đoàn Trịnh Đinh Mai Lương Tạ Cao Hà "
    "Quách Thái Chu Kiều Tống Vương Nghiêm Lâm"
)
_MALE = "Văn Hữu Đức Quốc Minh Xuân Đình Công Trọng Gia Bá Quang Thế Mạnh Tuấn"
_FEMALE = "Thị|Thị Ngọc|Thị Thanh|Thị Kim|Thị Thu|Thị Hồng|Ngọc|Thị Bích|Thùy|Khánh|Thị Mỹ|Hoài"
_MEN = (
    "An Bình Chiến Cường Dũng Duy Đạt Đông Giang Hải Hiếu Hưng Huy Khôi Kiên Lâm Long Lực Nam Nghĩa Nhật Phong Phúc "
    "Quân Quyết Sơn Tài Thắng Thịnh Tiến Toàn Trung Tùng Việt Vinh Vượng Khuê Lộc"
)
_WOMEN = (
    "An Anh Châu Chi Diệp Dung Duyên Giang Hà Hạnh Hằng Hiền Hoa Huệ Hương Lan Liên Linh Loan Ly Mai My Nga Ngân Nhung "
    "Oanh Phương Phượng Quyên Quỳnh Tâm Thảo Thơ Thúy Trang Tuyết Uyên Vân Vy Xuân Yến"
)
ETHNIC = ("Kinh",) * 9 + ("Tày", "Thái", "Mường", "Nùng", "Khmer", "Dao", "Hoa", "Ê Đê", "Chăm", "Sán Dìu", "Gia Rai")

# Provinces since July 2025 with the head of their people's numbers, and districts that some had before.
_PROVINCES = (
    ("thành phố Hà Nội", "001", ("quận Cầu Giấy", "huyện Sóc Sơn", "quận Long Biên", "huyện Ba Vì")),
    ("tỉnh Lào Cai", "010", ("huyện Bát Xát", "thành phố Lào Cai")),
    ("tỉnh Thái Nguyên", "019", ("thành phố Sông Công", "huyện Đại Từ")),
    ("tỉnh Phú Thọ", "025", ("huyện Thanh Ba", "thị xã Phú Thọ")),
    ("tỉnh Bắc Ninh", "027", ("huyện Quế Võ", "thành phố Từ Sơn")),
    ("tỉnh Hưng Yên", "033", ("huyện Văn Giang", "huyện Khoái Châu")),
    ("thành phố Hải Phòng", "031", ("quận Lê Chân", "huyện An Dương")),
    ("tỉnh Ninh Bình", "037", ("huyện Gia Viễn", "huyện Nho Quan")),
    ("tỉnh Thanh Hóa", "038", ("huyện Thọ Xuân", "thị xã Bỉm Sơn")),
    ("tỉnh Nghệ An", "040", ("huyện Yên Thành", "thành phố Vinh")),
    ("tỉnh Quảng Trị", "045", ("huyện Hải Lăng", "huyện Gio Linh")),
    ("thành phố Đà Nẵng", "048", ("quận Sơn Trà", "huyện Hòa Vang")),
    ("tỉnh Gia Lai", "064", ("huyện Chư Sê", "thị xã An Khê")),
    ("tỉnh Đắk Lắk", "066", ("huyện Krông Pắc", "thị xã Buôn Hồ")),
    ("tỉnh Lâm Đồng", "068", ("huyện Đức Trọng", "thành phố Bảo Lộc")),
    ("tỉnh Khánh Hòa", "056", ("huyện Diên Khánh", "thị xã Ninh Hòa")),
    ("tỉnh Đồng Nai", "075", ("huyện Long Thành", "thành phố Biên Hòa")),
    ("Thành phố Hồ Chí Minh", "079", ("quận Bình Thạnh", "huyện Củ Chi", "quận 12")),
    ("tỉnh Tây Ninh", "072", ("huyện Gò Dầu", "thị xã Trảng Bàng")),
    ("tỉnh Vĩnh Long", "086", ("huyện Tam Bình", "thị xã Bình Minh")),
    ("thành phố Cần Thơ", "092", ("quận Ninh Kiều", "huyện Phong Điền")),
    ("tỉnh An Giang", "089", ("huyện Thoại Sơn", "huyện Châu Thành")),
    ("tỉnh Cà Mau", "096", ("huyện Đầm Dơi", "huyện U Minh")),
)
_WARDS = (
    "Tân Hưng|Phú Thượng|Mường Khoa|Vĩnh Mỹ|Cẩm Lý|Hòa Xuân|Thới Sơn|Diên Thạnh|Quảng Lộc|Yên Thịnh|An Khánh|Bình Lợi|"
    "Đông Hải|Long Thuận|Nghĩa Đức|Phước Hậu|Sơn Lĩnh|Trung Nghĩa|Xuân Phương|Ea Tul|Thạnh Lộc|Hương Vĩ"
)
_STREETS = (
    "Trần Phú|Lê Lợi|Nguyễn Trãi|Hoàng Hoa Thám|Phan Đình Phùng|Ngô Gia Tự|Lý Thường Kiệt|Bà Triệu|Hùng Vương|"
    "Đinh Tiên Hoàng|Nguyễn Thị Minh Khai|Võ Thị Sáu|Tôn Đức Thắng|Cách Mạng Tháng Tám"
)
_HAMLETS = "Thôn Đông|Thôn Thượng|Thôn 4|Xóm 7|Xóm Chùa|Ấp 2|Ấp Bình Hòa|Tổ dân phố số 6|Khu phố 3|Bản Nà Lốc|Buôn Kli A|Khóm 5|Tổ 12"
_OFFICES = "Cục Cảnh sát quản lý hành chính về trật tự xã hội|Bộ Công an|Cục Cảnh sát QLHC về TTXH"
TRADES = (
    ("Bán lẻ lương thực, thực phẩm trong các cửa hàng chuyên doanh", "4722"),
    ("Nhà hàng và các dịch vụ ăn uống phục vụ lưu động", "5610"),
    ("Cắt tóc, làm đầu, gội đầu", "9631"),
    ("Sửa chữa máy vi tính và thiết bị ngoại vi", "9511"),
    ("Bán lẻ hàng may mặc, giày dép", "4771"),
    ("Vận tải hàng hóa bằng đường bộ", "4933"),
    ("May trang phục", "1410"),
    ("Dịch vụ phục vụ đồ uống", "5630"),
)


class Citizen(Person, frozen=True):
    """Somebody with a province of their own at the head of their number."""

    code: str = "033"
    ethnic: str = "Kinh"
    origin: str = ""

    @property
    def id12(self) -> str:
        century = 2 * (self.born.year // 100 - 19)
        return f"{self.code}{century + (self.sex == 'Nữ')}{self.born.year % 100:02}{self.serial}"

    def id_with(self, *, sex: bool = False, year: bool = False) -> str:
        """The number with another sex or another year of birth in it, for a contradiction."""
        digits = list(self.id12)
        if sex:
            digits[3] = str(int(digits[3]) ^ 1)
        if year:
            digits[5] = str((int(digits[5]) + 3) % 10)
        return "".join(digits)


class Place:
    """A commune of today, or one as written before July 2025 with its district."""

    def __init__(self, chance: random.Random, old: bool = False) -> None:
        self.chance = chance
        self.province, self.code, districts = chance.choice(_PROVINCES)
        self.ward = chance.choice(_WARDS.split("|"))
        self.kind = chance.choice(("xã", "xã", "phường"))
        self.district = chance.choice(districts) if old else ""
        self.authority = f"Ủy ban nhân dân {self.commune}"

    @property
    def commune(self) -> str:
        return f"{self.kind} {self.ward}"

    @property
    def whole(self) -> str:
        """Commune, district if any, province."""
        return ", ".join(part for part in (self.commune, self.district, self.province) if part)

    @property
    def area(self) -> str:
        """The province's bare name."""
        return self.province.split(" ", 1 if self.province.startswith("tỉnh") else 2)[-1]

    def street(self) -> str:
        """The name of a street."""
        return self.chance.choice(_STREETS.split("|"))

    def detail(self) -> str:
        """House and street, or hamlet."""
        chance = self.chance
        street = self.street()
        number = chance.randint(2, 480)
        return chance.choice(
            (
                f"Số {number}, đường {street}",
                f"Số nhà {number}, ngõ {chance.randint(2, 90)}, phố {street}",
                f"{number}/{chance.randint(2, 60)} {street}",
                chance.choice(_HAMLETS.split("|")),
                chance.choice(_HAMLETS.split("|")),
                f"Căn hộ {chance.randint(2, 24):02}{chance.randint(1, 16):02}, chung cư {street}",
            )
        )

    def address(self) -> str:
        """A whole address."""
        return f"{self.detail()}, {self.whole}"


def citizen(chance: random.Random, place: Place, sex: str = "", born: tuple[int, int] = (1958, 2003), family: str = "") -> Citizen:
    """Somebody of the place, born in one of the years."""
    sex = sex or chance.choice(("Nam", "Nữ"))
    middle = chance.choice(_MALE.split() if sex == "Nam" else _FEMALE.split("|"))
    given = chance.choice((_MEN if sex == "Nam" else _WOMEN).split())
    day = date(chance.randint(*born), 1, 1) + timedelta(chance.randrange(365))
    ethnic = chance.choice(ETHNIC)
    origin = Place(chance).whole if chance.random() < 0.4 else place.whole
    name = f"{family or chance.choice(_FAMILIES.split())} {middle} {given}"
    code = place.code if chance.random() < 0.7 else chance.choice(_PROVINCES)[1]
    return Citizen(name, sex, day, f"{chance.randrange(1000, 999999):06}", place.address(), code, ethnic, origin)


def identity_paper(chance: random.Random, number: str, issued: date, held_out: bool) -> str:
    """An identity paper in one line, as people write it into a form."""
    office = chance.choice(_OFFICES.split("|"))
    day = f"{issued:%d/%m/%Y}"
    ordinary = (
        f"CCCD số {number}, do {office} cấp ngày {day}",
        f"Thẻ căn cước số {number}, {office} cấp ngày {day}",
        f"Căn cước công dân số {number}, cấp ngày {day}, nơi cấp: {office}",
    )
    others = (
        f"Thẻ CCCD {number} cấp ngày {day} tại {office}",
        f"Căn cước số {number} ({office}, {day})",
        f"Số {number}, ngày cấp {day}, nơi cấp {office}",
    )
    return chance.choice(others if held_out else ordinary)


def issue_day(chance: random.Random, latest: date) -> date:
    """A day on which an identity paper was given out."""
    first = date(2016, 3, 1) if latest.year < 2022 else date(2021, 3, 1)
    return first + timedelta(chance.randrange(max(30, (min(latest, date(2026, 5, 1)) - first).days)))


def office(chance: random.Random) -> str:
    """Who gives out identity papers."""
    return chance.choice(_OFFICES.split("|"))


def phone(chance: random.Random) -> tuple[str, str]:
    """A mobile number (its digits, and as it is printed)."""
    digits = chance.choice(("09", "03", "08", "07")) + "".join(chance.choice("0123456789") for _ in range(8))
    form = chance.choice(("{0}{1}{2}", "{0}{1}{2}", "{0} {1} {2}", "{0}.{1}.{2}"))
    return digits, form.format(digits[:4], digits[4:7], digits[7:])


def email(chance: random.Random, who: Person) -> str:
    """An address at a domain kept for examples."""
    family, *_, given = unaccented(who.name).lower().split()
    joint = chance.choice((".", "", "_"))
    return f"{given}{joint}{family}{chance.randint(1, 99)}@{chance.choice(('example.com', 'example.vn', 'thu.example'))}"


def tax_code(chance: random.Random, right: bool = True) -> str:
    """A tax code of ten digits with its check digit (Circular 86/2024/TT-BTC), or a wrong one."""
    while True:
        digits = [chance.randrange(10) for _ in range(9)]
        last = 10 - sum(d * w for d, w in zip(digits, (31, 29, 23, 19, 17, 13, 7, 5, 3), strict=True)) % 11
        if 0 <= last <= 9:
            return "".join(map(str, digits)) + str(last if right else (last + chance.randint(1, 9)) % 10)


def day_between(chance: random.Random, first: date, last: date) -> date:
    """A day from the first to the last."""
    return first + timedelta(chance.randrange((last - first).days + 1))


_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")


def money_in_words(amount: int) -> str:
    """An amount of đồng as it is spoken: "Ba trăm năm mươi triệu đồng"."""
    parts: list[str] = []
    for unit, name in ((10**9, "tỷ"), (10**6, "triệu"), (10**3, "nghìn"), (1, "")):
        three, amount = divmod(amount, unit)
        if three:
            parts.append(f"{_below_thousand(three, bool(parts))} {name}".strip())
    words = " ".join(parts) + " đồng"
    return words[0].upper() + words[1:]


def _below_thousand(number: int, full: bool) -> str:
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    if tens > 1:
        words.append(f"{_DIGITS[tens]} mươi")
    elif tens == 1:
        words.append("mười")
    elif ones and words:
        words.append("linh")
    if ones:
        words.append(
            "mốt" if ones == 1 and tens > 1 else "lăm" if ones == 5 and tens else "tư" if ones == 4 and tens > 1 else _DIGITS[ones]
        )
    return " ".join(words)
