"""`sohoa trust list|add|remove|update`: the operator's folder of trusted certificates and revocation lists."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import asdict

from sohoa.errors import UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa trust`."""
    parser.add_argument("action", choices=("list", "add", "remove", "update"), help="xem, thêm, bỏ, cập nhật · list, add, remove, update")
    parser.add_argument(
        "items",
        nargs="*",
        metavar="FILE|SHA256|URL",
        help="tệp để thêm, SHA-256 để bỏ, danh sách để nhận · file, hash or list",
    )
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục tin cậy, mặc định theo cấu hình · trust folder")
    parser.add_argument("--unpinned", action="store_true", help="thêm cả chứng thư không có trong danh mục · add what no pin confirms")
    parser.add_argument("--signer", type=Path, metavar="FILE", help="chứng thư ký danh sách tin cậy · certificate that signs the list")
    parser.add_argument("--json", action="store_true", help="in JSON · print JSON")


def execute(args: argparse.Namespace) -> int:
    """Show or change the folder; a certificate that matches no pin is refused unless --unpinned says that it is meant."""
    from sohoa.settings import load
    from verification.trustfolder import add_trust, list_trust, remove_trust

    folder = args.trust or (Path(load().trust.folder) if load().trust.folder else None)
    if folder is None:
        raise UsageError("trust_folder_unset")
    if args.action == "update":
        return _update(args, folder)
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


def _update(args: argparse.Namespace, folder: Path) -> int:
    """Take the trusted lists that are named; without any, fetch all lists and revocation lists of the folder anew."""
    from sohoa.child import Child
    from sohoa.errors import ExitCode, SohoaError
    from sohoa.fetching import EvidenceClient
    from sohoa.net import NetworkClient, NetworkRules
    from sohoa.settings import load
    from verification.tasks import PRELOAD
    from verification.trustupdate import add_list, update_folder

    asked = load().verify
    fetch = EvidenceClient(NetworkClient(NetworkRules(loopback=asked.allow_loopback, seconds=60.0)), instead=dict(asked.instead))
    with Child(PRELOAD) as child:
        if args.items:
            signer = _certificate(args.signer)
            done = [add_list(folder, item, _content(item, fetch), signer, child) for item in args.items]
        else:
            done = update_folder(folder, fetch, child)
    for one in done:
        if args.json:
            print(json.dumps(asdict(one), ensure_ascii=False))
        else:
            words = {"new": "✓ mới", "same": "✓ không đổi"}
            print(f"{words.get(one.state, f'✗ {one.state}'):14} {one.what}  {one.services or ''}  {one.next_update or ''}".rstrip())
    known = {"new", "same"}
    if not done:
        raise SohoaError("trust_nothing_to_update")
    return int(ExitCode.DONE if all(one.state in known for one in done) else ExitCode.FAILED)


def _content(item: str, fetch: Callable[[str, bytes], bytes]) -> bytes:
    if item.startswith(("http://", "https://")):
        return fetch(item, b"")
    if not Path(item).is_file():
        raise UsageError("input_missing", path=item)
    return Path(item).read_bytes()


def _certificate(file: Path | None) -> bytes:
    from verification.truststore import read_items

    if file is None:
        raise UsageError("trusted_list_signer_missing")
    if not file.is_file():
        raise UsageError("input_missing", path=str(file))
    found = [der for kind, der in read_items(file.read_bytes()) if kind in ("anchor", "certificate")]
    if not found:
        raise UsageError("trusted_list_signer_missing")
    return found[0]
