"""The kinds of paper: which template each fills, how it is written, which of its rules it may break on purpose."""

from collections.abc import Callable

from msgspec import Struct

from benchmarks.other_forms.kinds import business, cards, certificates, civil, official, property, record, residence
from benchmarks.other_forms.model import Form
from benchmarks.other_forms.writer import Writer


class Kind(Struct, frozen=True):
    """A version of a form. `plain` papers are printed by the office that gives them out, in one face."""

    file: str
    write: Callable[[Writer], Form]
    codes: tuple[str, ...] = ()
    plain: bool = False


_OFFICIAL = (
    "QUYẾT ĐỊNH",
    "",
    "THÔNG BÁO",
    "GIẤY MỜI",
    "TỜ TRÌNH",
    "BÁO CÁO",
    "KẾ HOẠCH",
    "GIẤY PHÉP",
    "GIẤY GIỚI THIỆU",
    "BIÊN BẢN",
    "GIẤY XÁC NHẬN",
)

KINDS: tuple[Kind, ...] = (
    *(Kind(f"ct01__{version}", residence.residence, residence.CODES) for version in ("tt53_2025", "tt56_2021", "tt66_2023")),
    Kind("to_khai_dang_ky_khai_sinh__tt04_2024", civil.birth_registration, civil.BIRTH_CODES),
    Kind("to_khai_dang_ky_khai_sinh__tt04_2020", civil.birth_registration, civil.OLD_BIRTH_CODES),
    *(
        Kind(f"to_khai_xac_nhan_tinh_trang_hon_nhan__{version}", civil.status_request, civil.STATUS_CODES)
        for version in ("tt04_2020", "tt15_2015")
    ),
    *(
        Kind(f"to_khai_cap_ban_sao_trich_luc_ho_tich__{version}", civil.copy_request, civil.COPY_CODES)
        for version in ("tt04_2020", "tt15_2015")
    ),
    *(
        Kind(f"giay_khai_sinh__{version}", certificates.birth_certificate, certificates.BIRTH_CODES)
        for version in ("tt04_2020", "quyen_so")
    ),
    *(
        Kind(f"giay_xac_nhan_tinh_trang_hon_nhan__{version}", certificates.marital_status, certificates.STATUS_CODES)
        for version in ("tt04_2020", "tt15_2015")
    ),
    Kind("loi_chung_ban_sao__nd23_2015", certificates.certified_copy, certificates.COPY_CODES, plain=True),
    *(
        Kind(f"giay_de_nghi_dang_ky_ho_kinh_doanh__{version}", business.household_business, business.CODES)
        for version in ("tt68_2025", "tt01_2021")
    ),
    Kind("don_dang_ky_bien_dong_dat_dai__mau29", property.land_change, property.LAND_CODES),
    *(Kind(f"don_dang_ky_bien_dong_dat_dai__{version}", property.land_change) for version in ("nd101_2024", "nd151_2025")),
    *(
        Kind(f"don_de_nghi_cap_giay_phep_xay_dung__{version}", property.building_permit, property.BUILDING_CODES)
        for version in ("nd175_2024", "nd15_2021", "nd217_2026")
    ),
    *(
        Kind(f"to_khai_le_phi_truoc_ba_01_lptb__{version}", property.registration_fee, property.FEE_CODES)
        for version in ("tt80_2021", "tt40_2025")
    ),
    *(
        Kind(f"to_khai_yeu_cau_cap_phieu_ly_lich_tu_phap__{version}", record.criminal_record, record.CODES)
        for version in ("nd216_2026", "tt06_2024")
    ),
    *(Kind("van_ban_hanh_chinh__nd30_2020", official.official(kind), plain=True) for kind in _OFFICIAL),
    Kind("cccd_mat_truoc__cccd_chip", cards.chip_front, cards.FRONT_CODES, plain=True),
    Kind("cccd_mat_truoc__can_cuoc_2024", cards.new_front, cards.NEW_FRONT_CODES, plain=True),
    Kind("cccd_mat_sau__cccd_chip", cards.chip_back, cards.BACK_CODES, plain=True),
    Kind("cccd_mat_sau__can_cuoc_2024", cards.new_back, cards.BACK_CODES, plain=True),
    Kind("cmnd_mat_truoc__nd05_1999", cards.old_front, plain=True),
    Kind("cmnd_mat_sau__nd05_1999", cards.old_back, plain=True),
)
