"""`sohoa trust list|add|remove`: the operator's folder of trusted certificates and revocation lists."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from sohoa.errors import UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa trust`."""
    parser.add_argument("action", choices=("list", "add", "remove"), help="xem, thêm hoặc bỏ · list, add or remove")
    parser.add_argument("items", nargs="*", metavar="FILE|SHA256", help="tệp để thêm, hoặc SHA-256 để bỏ · file to add, hash to remove")
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục tin cậy, mặc định theo cấu hình · trust folder")
    parser.add_argument("--unpinned", action="store_true", help="thêm cả chứng thư không có trong danh mục · add what no pin confirms")
    parser.add_argument("--json", action="store_true", help="in JSON · print JSON")


def execute(args: argparse.Namespace) -> int:
    """Show or change the folder; a certificate that matches no pin is refused unless --unpinned says that it is meant."""
    from sohoa.settings import load
    from verification.trustfolder import add_trust, list_trust, remove_trust

    folder = args.trust or (Path(load().trust.folder) if load().trust.folder else None)
    if folder is None:
        raise UsageError("trust_folder_unset")
    if args.action == "list":
        entries = list_trust(folder)
    elif args.action == "add":
        for item in args.items:
            if not Path(item).is_file():
                raise UsageError("input_missing", path=item)
        entries = [entry for item in args.items for entry in add_trust(folder, Path(item), args.unpinned)]
    else:
        entries = [entry for item in args.items for entry in remove_trust(folder, item)]
    for entry in entries:
        if args.json:
            print(json.dumps(asdict(entry), ensure_ascii=False))
        else:
            pinned = f" · đã đối chiếu: {entry.pinned}" if entry.pinned else ""
            print(f"{entry.role:12} {entry.sha256[:16]}  {entry.name or ''}  {entry.valid_from or ''}–{entry.valid_to or ''}{pinned}")
    return 0
