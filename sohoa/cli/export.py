"""`sohoa export OUT --format F`: what a batch delivered, as tables or as the metadata that other systems take."""

import argparse
from pathlib import Path

from sohoa.errors import ExitCode

FORMATS = ("csv", "xlsx", "json", "xml-nd30", "json-nd30", "cv7197", "tt01")


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa export`."""
    parser.add_argument("results", type=Path, metavar="OUT", help="thư mục kết quả của “sohoa run” · folder that sohoa run wrote")
    parser.add_argument("--format", required=True, choices=FORMATS, help="định dạng · format")
    parser.add_argument("--template", default="", metavar="SLUG", help="chỉ một loại giấy tờ · one form only")
    parser.add_argument("-o", "--out", type=Path, metavar="FOLDER", help="nơi ghi, mặc định OUT/export/FORMAT · where to write")


def execute(args: argparse.Namespace) -> int:
    """0 all exported and ready, 3 some records lack something (see index.json), 2 nothing to export."""
    from pipeline.exporting import TABLES, export
    from sohoa.settings import load

    target = args.out or args.results / "export" / args.format
    done = export(args.results, args.format, target, load(), args.template)
    print(f"{done.documents} tài liệu → {target}")
    if args.format not in TABLES and done.lacking:
        print(f"{done.lacking} tài liệu chưa đủ dữ liệu để chuyển giao, xem {target / 'index.json'}")
        return int(ExitCode.REVIEW)
    return int(ExitCode.DONE)
