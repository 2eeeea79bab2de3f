"""`sohoa certify void NUMBER`: end a reserved number that will not be used, with the reason."""

import argparse
from datetime import datetime

from sohoa.errors import ExitCode


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa certify void`."""
    parser.add_argument("number", type=int, metavar="NUMBER", help="số chứng thực đã giữ · the reserved number")
    parser.add_argument("--reason", required=True, help="lý do, ghi vào sổ · why, for the book")
    declare_book(parser)


def declare_book(parser: argparse.ArgumentParser) -> None:
    """Which book and year a number belongs to."""
    parser.add_argument("--year", type=int, default=datetime.now().astimezone().year, help="năm của sổ · the book's year")
    parser.add_argument("--book", default="SCT/BS", help="loại sổ · kind of book")


def execute(args: argparse.Namespace) -> int:
    """Void it; an issued number is cancelled instead, and a void one stays as it is."""
    from sohoa.cli.certify import open_register

    register = open_register()
    register.void(register.entry(args.book, args.year, args.number), args.reason)
    print(f"✓ Số {args.number}/{args.year} ({args.book}) không sử dụng: {args.reason}")
    return int(ExitCode.DONE)
