"""`sohoa doctor`: is everything there that this installation needs: programs, languages, disk, clock, servers."""

import argparse
import json

from msgspec.structs import asdict

_SIGN = {"passed": "✓", "warning": "!", "failed": "✗", "not_made": "?"}


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa doctor`."""
    parser.add_argument("--json", action="store_true", help="in JSON, mỗi dòng một kiểm tra · one JSON object per line")


def execute(args: argparse.Namespace) -> int:
    """Exit code 1 when something that is needed is missing."""
    from pipeline.doctor import examine
    from sohoa.settings import home, load

    failed = False
    for found in examine(home(), load()):
        failed |= found.result == "failed"
        if args.json:
            print(json.dumps(asdict(found), ensure_ascii=False))
        else:
            print(f"{_SIGN[found.result]} {found.text_vi} · {found.text_en}")
    return 1 if failed else 0
