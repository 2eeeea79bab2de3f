"""`sohoa certify book -o BOOK.pdf`: the month's pages of the book of certified copies, to be printed and bound."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path

from sohoa.cli.keys import declare_secret, open_key
from sohoa.errors import ExitCode
from sohoa.messages import message


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa certify book`."""
    now = datetime.now().astimezone()
    parser.add_argument("--year", type=int, default=now.year, help="năm · year")
    parser.add_argument("--month", type=int, choices=range(1, 13), metavar="1-12", default=now.month, help="tháng · month")
    parser.add_argument("--book", default="SCT/BS", help="loại sổ · kind of book")
    parser.add_argument("--office", default="", help="tên cơ quan trên trang sổ · the office's name on the page")
    parser.add_argument("--as", dest="name", default="", metavar="NAME", help="danh tính ký sổ; bỏ trống thì không ký · identity")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="BOOK.pdf", help="tệp PDF của sổ · the book as PDF")
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON · print JSON")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Write it; numbers that are still open are named, for each must end as issued or void."""
    from pipeline.book import write_book
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from sohoa.cli.certify import open_register
    from sohoa.settings import load

    register, settings = open_register(), load()
    folder = Path(settings.certify.folder).expanduser() if settings.certify.folder else None
    with open_key(args.name, settings, "b", args.passphrase_fd) as key, Child(PRELOAD) as child:
        holder = key.holder if key else None
        written = write_book(register, args.book, args.year, args.month, args.office, args.out, holder, child, folder)
    if not written.confirmed:
        print(f"! {message('book_form_unconfirmed')}", file=sys.stderr)
    if args.json:
        report = {"path": str(args.out), "entries": written.entries, "open": list(written.open), "signed": bool(args.name)}
        print(json.dumps({**report, "form_confirmed": written.confirmed}))
    else:
        print(f"✓ Sổ {args.book} tháng {args.month:02d}/{args.year}: {written.entries} số → {args.out}")
        if written.open:
            print(f"! Còn số chưa kết thúc: {', '.join(map(str, written.open))}. Hãy chứng thực lại hồ sơ đó hoặc dùng sohoa certify void.")
    return int(ExitCode.DONE)
