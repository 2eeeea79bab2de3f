"""`sohoa sign FILE... --as NAME -o OUT`: one key, one secret, many files."""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.cli.keys import declare_secret, evidence, open_key
from sohoa.errors import ExitCode, SohoaError, UsageError

if TYPE_CHECKING:
    from signing.model import Trust
    from sohoa.child import Child
    from sohoa.cli.keys import OpenKey
    from sohoa.fetching import EvidenceClient

    _Proof = tuple[EvidenceClient, Trust] | tuple[None, None]


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa sign`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="tệp PDF · PDF file")
    parser.add_argument("--as", dest="name", required=True, metavar="NAME", help="danh tính ký số trong cấu hình · identity")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="tệp hoặc thư mục kết quả · output file or folder")
    parser.add_argument("--level", choices=("b", "t", "lt", "lta"), default="b", help="mức PAdES · PAdES level")
    parser.add_argument("--profile", default="", metavar="NAME", help="kiểu hiển thị chữ ký, 'invisible' để ẩn · appearance")
    parser.add_argument("--page", type=int, metavar="N", help="trang đặt chữ ký, từ 1 · page of the appearance")
    parser.add_argument("--box", type=_box, metavar="X0,Y0,X1,Y1", help="vị trí (điểm, từ góc trên bên trái) · its place in points")
    parser.add_argument("--position", default="", help="chức vụ hiển thị · position shown")
    parser.add_argument("--agency", default="", help="cơ quan hiển thị · agency shown")
    parser.add_argument("--number", default="", help="số và ký hiệu văn bản · document number")
    parser.add_argument("--image", type=Path, metavar="PNG", help="ảnh chữ ký hoặc con dấu, nền trong suốt · image")
    parser.add_argument("--json", action="store_true", help="mỗi tệp một dòng JSON · one JSON object per file")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Sign every file; a file that cannot be signed gets its code and stops no other."""
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from sohoa.settings import load

    settings = load()
    proof = evidence(settings) if args.level in ("lt", "lta") else (None, None)
    for file in args.files:
        if not file.is_file():
            raise UsageError("input_missing", path=str(file))
    many = len(args.files) > 1 or args.out.is_dir() or not args.out.suffix
    failed = 0
    with open_key(args.name, settings, args.level, args.passphrase_fd) as key, Child(PRELOAD) as child:
        if key is None:
            raise UsageError("identity_unknown", name=args.name, known="–")
        for file in args.files:
            target = args.out / file.name if many else args.out
            try:
                report = _one(file, target, args, key, child, proof)
            except UsageError:
                raise
            except SohoaError as error:
                failed += 1
                said = error.message
                report = {"file": str(file), "error_code": error.code, "message_vi": f"{said.vi} {said.next_vi}", "message_en": said.en}
            _tell(report, args.json)
    return int(ExitCode.FAILED if failed else ExitCode.DONE)


def _one(file: Path, target: Path, args: argparse.Namespace, key: "OpenKey", child: "Child", proof: "_Proof") -> dict[str, object]:
    from signing.model import VIETNAM, Facts
    from signing.profiles import load_profile
    from signing.sign import sign_file

    target.parent.mkdir(parents=True, exist_ok=True)
    profile = load_profile(args.profile or key.profile or "cv7197")
    now = datetime.now(VIETNAM)
    facts = Facts(
        signed_at=now,
        captured_at=now,
        position=args.position,
        agency=args.agency,
        document_number=args.number,
        image=args.image,
        page=args.page,
        box=args.box,
    )
    signed = sign_file(file, target, key.holder, profile, args.level, child, key.timestamp, facts, fetch=proof[0], trust=proof[1])
    return {"file": str(file), **asdict(signed), "path": str(signed.path), "signed_at": facts.signed_at.isoformat(), "trial": key.trial}


def _tell(report: dict[str, object], as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False), flush=True)
    elif "error_code" in report:
        print(f"✗ {report['file']}: {report['message_vi']} [{report['error_code']}]", file=sys.stderr)
    else:
        trial = " (khóa thử nghiệm, không có giá trị pháp lý)" if report["trial"] else ""
        unknown = " · chưa kiểm tra được tình trạng thu hồi của chứng thư" if report["certificate_status"] == "unknown" else ""
        print(f"✓ {report['file']} → {report['path']}{trial}{unknown}")


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("X0,Y0,X1,Y1") from None
    return (x0, y0, x1, y1)
