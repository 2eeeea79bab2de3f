"""`sohoa certify cancel [NUMBER] -o LIST.pdf`: take the value from an issued copy, and write the signed cancellation list."""

import argparse
import json
from pathlib import Path

from sohoa.cli.certify_void import declare_book
from sohoa.cli.keys import declare_secret, open_key
from sohoa.errors import ExitCode, UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa certify cancel`."""
    parser.add_argument(
        "number", nargs="?", type=int, metavar="NUMBER", help="số chứng thực cần hủy; bỏ trống để chỉ lập danh sách · number"
    )
    parser.add_argument("--reason", default="", help="lý do hủy bỏ · why")
    parser.add_argument("--agency", required=True, metavar="NAME", help="danh tính ký danh sách · identity that signs the list")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="LIST.pdf", help="danh sách hủy bỏ đã ký · the signed list")
    parser.add_argument("--json", action="store_true", help="kết quả dạng JSON · print JSON")
    declare_book(parser)
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Cancel first, then write the whole list anew: a list that could not be signed is made again without a number."""
    from pipeline.book import write_cancellations
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from sohoa.cli.certify import open_register
    from sohoa.settings import load

    if args.number is not None and not args.reason.strip():
        raise UsageError("reason_missing")
    register = open_register()
    with open_key(args.agency, load(), "b", args.passphrase_fd) as key, Child(PRELOAD) as child:
        if key is None:
            raise UsageError("identity_unknown", name="", known="–")
        if args.number is not None:
            entry = register.entry(args.book, args.year, args.number)
            register.cancel(entry, args.reason, f"{entry.facts.get('book_volume', '01')}/{entry.year}")
        cancelled = write_cancellations(register.cancellations(), args.out, key.holder, child)
    if args.json:
        print(json.dumps({"path": str(args.out), "cancelled": cancelled, "trial": key.trial}, ensure_ascii=False))
    else:
        print(f"✓ Danh sách hủy bỏ gồm {cancelled} bản sao → {args.out}; hãy công bố và chép vào thư mục tin cậy của các máy kiểm tra.")
    return int(ExitCode.DONE)
