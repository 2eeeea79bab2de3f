"""`sohoa renew FILE...`: fresh evidence and a new timestamp for long-term signatures, before the old ones age."""

import argparse
import json
from pathlib import Path

from sohoa.cli import refuse
from sohoa.cli.keys import evidence, timestamp_client
from sohoa.errors import ExitCode, SohoaError, UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa renew`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="tệp B-LT hoặc B-LTA · file")
    parser.add_argument("--json", action="store_true", help="mỗi tệp một dòng JSON · one JSON object per file")


def execute(args: argparse.Namespace) -> int:
    """Renew every file in its place; the old one is kept beside it, and only a file that verifies takes its name."""
    from signing.renew import renew_file
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from sohoa.settings import load
    from verification.tasks import Verify, verify_in_child

    settings = load()
    fetch, trust = evidence(settings)
    timestamp = timestamp_client(settings)
    failed = 0
    with Child(PRELOAD) as child:

        def sound(file: Path) -> bool:
            verdict = verify_in_child(child, Verify(str(file), trust=settings.trust.folder or None))
            return verdict.verdict != "invalid" and verdict.integrity in ("intact", "extended")

        for file in args.files:
            if not file.is_file():
                raise UsageError("input_missing", path=str(file))
            try:
                done = renew_file(file, child, timestamp, fetch, sound, trust)
            except UsageError:
                raise
            except SohoaError as error:
                failed += 1
                refuse(file, error)
                continue
            until = done.protected_until.date().isoformat()
            if args.json:
                print(json.dumps({"file": str(file), "kept": str(done.kept), "sha256": done.sha256, "protected_until": until}))
            else:
                print(f"✓ {file}: bằng chứng có hiệu lực đến {until}; bản cũ giữ ở {done.kept}")
    return int(ExitCode.FAILED if failed else ExitCode.DONE)
