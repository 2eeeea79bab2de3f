"""`sohoa export OUT --format F`: what a batch delivered, as tables or as the metadata that other systems take."""

import argparse
import json
import os
from pathlib import Path

from sohoa.errors import ExitCode, UsageError

FORMATS = ("csv", "xlsx", "json", "xml-nd30", "json-nd30", "cv7197", "tt01", "edxml")


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa export`."""
    parser.add_argument("results", type=Path, metavar="OUT", help="thư mục kết quả của “sohoa run” · folder that sohoa run wrote")
    parser.add_argument("--format", required=True, choices=FORMATS, help="định dạng · format")
    parser.add_argument("--template", default="", metavar="SLUG", help="chỉ một loại giấy tờ · one form only")
    parser.add_argument(
        "--send",
        default="",
        metavar="URL",
        help="chuyển tới kho (…/api/v1/documents), với --format cv7197 · hand over to an archive",
    )
    parser.add_argument("-o", "--out", type=Path, metavar="FOLDER", help="nơi ghi, mặc định OUT/export/FORMAT · where to write")


def execute(args: argparse.Namespace) -> int:
    """0 all exported and ready, 3 some records lack something (see index.json), 2 nothing to export."""
    from pipeline.exporting import TABLES, export
    from sohoa.settings import load

    if args.send and args.format != "cv7197":
        raise UsageError("send_needs_cv7197")
    target = args.out or args.results / "export" / args.format
    done = export(args.results, args.format, target, load(), args.template)
    print(f"{done.documents} tài liệu → {target}")
    if args.send:
        _send(args.send, target)
    if args.format not in TABLES and done.lacking:
        print(f"{done.lacking} tài liệu chưa đủ dữ liệu để chuyển giao, xem {target / 'index.json'}")
        return int(ExitCode.REVIEW)
    return int(ExitCode.DONE)


def _send(url: str, folder: Path) -> None:
    """Hand over every record that is ready; `SOHOA_ARCHIVE_TOKEN` is the archive's token, `SOHOA_ARCHIVE_PIN` the SHA-256 of its
    certificate where it stands at a private address."""
    from urllib.parse import urlsplit

    from pipeline.portal.archive import ArchiveClient
    from sohoa.net import NetworkClient, NetworkRules
    from sohoa.settings import load

    host = frozenset({(urlsplit(url).hostname or "").lower()})
    pin = os.environ.get("SOHOA_ARCHIVE_PIN", "").lower()
    rules = NetworkRules(hosts=host, pin=pin, loopback=load().api.allow_loopback, seconds=120, size=512 << 20)
    archive = ArchiveClient(url.rstrip("/"), NetworkClient(rules), os.environ.get("SOHOA_ARCHIVE_TOKEN", ""))
    sent = 0
    for line in json.loads((folder / "index.json").read_text(encoding="utf8")):
        if line["ready"]:
            metadata = json.loads((folder / f"{line['file']}.json").read_text(encoding="utf8"))
            archive.hand_over(metadata, f"{line['file']}.pdf", (folder / f"{line['file']}.pdf").read_bytes())
            sent += 1
    print(f"{sent} tài liệu đã chuyển giao → {url}")
