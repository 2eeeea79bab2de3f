"""The book of certified copies on paper, and the signed list of those that were cancelled.

The book is printed and bound by the month (NĐ 23/2015/NĐ-CP Điều 13 khoản 3): every number has its line, used or not. A
cancellation is published (TT 01/2020/TT-BTP Điều 7): the list is a signed PDF that people read, with `cancelled.json` inside it
for machines; whoever checks copies puts it into the trust folder.
"""

from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import msgspec
from msgspec import Struct

from signing.certificate import common_name
from signing.model import VIETNAM, Facts, KeyHolder
from signing.paper import Table, write_table
from signing.profiles import load_profile
from signing.sign import sign_file
from sohoa.child import Child
from sohoa.disk import disk_told
from sohoa.errors import UsageError
from storage.register import Cancellation, Entry, Register

CANCELLED_FILE = "cancelled.json"


class _Column(msgspec.Struct):
    key: Literal["number", "day", "requester", "title", "officer", "copies", "fee", "note"]
    title: str
    share: float


class _Form(msgspec.Struct):
    legal_basis: str
    confirmed: bool
    columns: list[_Column]


class WrittenBook(Struct, frozen=True):
    """How many numbers the month has, and which of them still wait for their end.

    `confirmed` is False while nobody has compared the form of the book with the printed annex.
    """

    entries: int
    open: tuple[int, ...]
    confirmed: bool


def write_book(
    register: Register,
    book: str,
    year: int,
    month: int,
    office: str,
    out: Path,
    holder: KeyHolder | None,
    child: Child,
    folder: Path | None = None,
) -> WrittenBook:
    """The lines of one month into `out`, signed when somebody signs. A number belongs to the month in which it was taken.

    `folder` may hold the office's own book.yaml. Raises UsageError book_form_invalid, SohoaError disk_full, out_unwritable, and
    what signing raises.
    """
    form = _form(folder)
    entries = [entry for entry in register.entries(book, year) if _day(entry.reserved_at).month == month]
    cancelled = {one.number: one for one in register.cancellations() if (one.book, one.year) == (book, year)}
    rows = tuple(tuple(_cells(entry, cancelled.get(entry.number))[column.key] for column in form.columns) for entry in entries)
    issued = sum(entry.state == "issued" for entry in entries)
    void = sum(entry.state == "void" for entry in entries)
    first_last = f"từ số {entries[0].number} đến số {entries[-1].number}, " if entries else ""
    open_ = len(entries) - issued - void
    summary = f"Tháng {month:02d}/{year}: {first_last}{issued} số đã cấp, {void} số không sử dụng, {open_} số chưa kết thúc."
    head = (*([office.upper()] if office else ()), "SỔ CHỨNG THỰC BẢN SAO", f"Quyển {book} - tháng {month:02d}/{year}")
    columns = tuple((column.title, column.share) for column in form.columns)
    _deliver(Table(head, columns, rows, (summary, f"Căn cứ: {form.legal_basis}.")), out, holder, child)
    return WrittenBook(len(entries), tuple(entry.number for entry in entries if entry.state == "reserved"), form.confirmed)


def _form(folder: Path | None) -> _Form:
    own = folder / "book.yaml" if folder else None
    source = own if own and own.is_file() else files("pipeline").joinpath("book.yaml")
    try:
        return msgspec.yaml.decode(source.read_bytes(), type=_Form)
    except (msgspec.MsgspecError, UnicodeDecodeError, OSError) as error:
        raise UsageError("book_form_invalid", mistake=str(error)) from None


def write_cancellations(cancelled: list[Cancellation], out: Path, holder: KeyHolder, child: Child) -> int:
    """The whole list into `out`, signed by the agency; returns how many copies it names."""
    agency = common_name(holder.certificate)
    machine = {
        "format": 1,
        "agency": agency,
        "cancelled": [
            {
                "number": str(one.number),
                "book": one.volume,
                "sha256": one.sha256,
                "date": _day(one.at).date().isoformat(),
                "reason": one.reason,
            }
            for one in cancelled
        ],
    }
    columns = (("Số chứng thực", 8.0), ("Quyển số", 8.0), ("Ngày hủy bỏ", 9.0), ("Lý do", 25.0), ("SHA-256 của tệp", 40.0))
    rows = tuple((str(one.number), one.volume, _date(one.at), one.reason, one.sha256) for one in cancelled)
    table = Table(
        (agency.upper(), "DANH SÁCH BẢN SAO CHỨNG THỰC BỊ HỦY BỎ"),
        columns,
        rows,
        ("Các bản sao nêu trên không còn giá trị (Thông tư 01/2020/TT-BTP, Điều 7).",),
        (CANCELLED_FILE, msgspec.json.encode(machine)),
    )
    _deliver(table, out, holder, child)
    return len(cancelled)


def _deliver(table: Table, out: Path, holder: KeyHolder | None, child: Child) -> None:
    """`out` gets its name when it is whole and, if it is to be signed, signed."""
    with disk_told(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=out.parent, prefix=".book-") as work:
            drawn = Path(work) / "drawn.pdf"
            write_table(table, drawn)
            if holder is None:
                drawn.replace(out)
                return
            sign_file(drawn, out, holder, load_profile("invisible"), "b", child, None, Facts(datetime.now(VIETNAM)))


def _cells(entry: Entry, cancelled: Cancellation | None) -> dict[str, str]:
    facts = entry.facts
    note = {"void": f"Không sử dụng: {entry.reason}", "reserved": "Chưa kết thúc", "issued": ""}[entry.state]
    if cancelled:
        note = f"Hủy bỏ ngày {_date(cancelled.at)}: {cancelled.reason}"
    officer = ", ".join(filter(None, (str(facts.get("officer", "")), str(facts.get("position", "")))))
    return {
        "number": str(entry.number),
        "day": _date(entry.closed_at) if entry.state == "issued" and entry.closed_at else "",
        "requester": str(facts.get("requester", "")),
        "title": str(facts.get("title", "")),
        "officer": officer,
        "copies": str(facts.get("copies", 1)) if entry.state == "issued" else "",
        "fee": "" if facts.get("fee") is None else f"{int(str(facts['fee'])):,}".replace(",", "."),
        "note": note,
    }


def _day(at: float) -> datetime:
    return datetime.fromtimestamp(at, VIETNAM)


def _date(at: float) -> str:
    return _day(at).strftime("%d/%m/%Y")
