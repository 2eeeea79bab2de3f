"""`sohoa search WORDS`: find documents by their text and fields, with or without diacritics."""

import argparse
import json

from sohoa.cli.places import actor, declare_place, open_place


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa search`."""
    parser.add_argument("words", nargs="+", metavar="WORD", help="từ cần tìm, có hoặc không dấu · words to find")
    parser.add_argument("--office", default=None, metavar="NAME", help="chỉ của đơn vị này · only this office's")
    parser.add_argument("--limit", type=int, default=20, metavar="N")
    parser.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một kết quả · one JSON object per line")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """One line per page that matches; exit code 1 when none does."""
    from msgspec.structs import asdict

    from storage.audit import Audit
    from storage.search import Search

    here = open_place(args.worker)
    hits = Search(here.records.engine).find(" ".join(args.words), args.limit, args.office)
    # That somebody looked, and how much was shown; never what was looked for.
    Audit(here.records.engine).append(actor(), "search", "texts", {"hits": len(hits)})
    for hit in hits:
        place = f"trang {hit.page}" if hit.page else "trường"
        print(json.dumps(asdict(hit), ensure_ascii=False) if args.json else f"{hit.name} ({place}): {hit.snippet}  [{hit.document[:8]}]")
    return 0 if hits else 1
