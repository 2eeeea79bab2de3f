"""`sohoa serve --only check`: the citizen's check page, which holds no database, no keys and no uploads."""

import argparse
import threading
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verification.model import Verdict


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa serve`."""
    parser.add_argument("--only", choices=("check",), default="check", help="phần cần mở · which part to serve")
    parser.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe · address to listen on")
    parser.add_argument("--port", type=int, default=8420, help="cổng · port")
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục chứng thư tin cậy · folder of trusted certificates")


def execute(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    import uvicorn

    from sohoa.child import Child, Limits
    from sohoa.cli.photo_judge import photo_judge
    from sohoa.cli.print_reader import print_reader
    from sohoa.settings import load
    from verification.page import app
    from verification.tasks import PRELOAD, Verify, verify_in_child

    trust = str(args.trust or load().trust.folder or "") or None
    child, one_at_a_time = Child(PRELOAD, Limits(memory=2 << 30)), threading.Lock()

    with child, print_reader() as compare, photo_judge() as check_photo:

        def check(file: Path) -> "Verdict":
            with one_at_a_time:
                return compare(file, verify_in_child(child, Verify(str(file), trust=trust)))

        print(f"Trang kiểm tra: http://{args.host}:{args.port}/  (Ctrl-C để dừng)", flush=True)
        # No access log: an address and a file name together are personal data.
        served = app(check, check_photo=check_photo)
        uvicorn.run(served, host=args.host, port=args.port, log_level="warning", access_log=False, server_header=False)
    return 0
