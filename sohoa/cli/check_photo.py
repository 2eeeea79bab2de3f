"""`sohoa check-photo FILE...`: tells the person who still holds the paper whether to take the picture again, and how."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sohoa.errors import ExitCode, SohoaError, UsageError

if TYPE_CHECKING:
    from sohoa.child import Child


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa check-photo`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="ảnh hoặc bản quét · photo or scan")
    parser.add_argument("--json", action="store_true", help="mỗi tệp một dòng JSON · one JSON object per file")


def execute(args: argparse.Namespace) -> int:
    """Exit 0 when every picture is good enough, 3 when some should be taken again, 1 when some cannot be opened."""
    from sohoa.child import Child

    codes = []
    with Child(("ocr.pages.check",)) as child:
        for file in args.files:
            if not file.is_file():
                raise UsageError("input_missing", path=str(file))
            report = _one(file, child)
            codes.append(ExitCode.FAILED if report["error_code"] else ExitCode.REVIEW if report["advice"] else ExitCode.DONE)
            _tell(report, args.json)
    return int(next((code for code in (ExitCode.FAILED, ExitCode.REVIEW) if code in codes), ExitCode.DONE))


def _one(file: Path, child: "Child") -> dict[str, Any]:
    from ocr.tasks import CHECK_PHOTO, CheckPhoto
    from pipeline.media import sniff

    try:
        pages = child.call(CHECK_PHOTO, CheckPhoto(str(file), sniff(file))).pages
    except UsageError:
        raise
    except SohoaError as error:
        said = error.message
        return {"file": str(file), "good": False, "error_code": error.code, "message_vi": f"{said.vi} {said.next_vi}", "advice": []}
    advice = [
        {"page": number, "code": said.code, "text_vi": f"{said.vi} {said.next_vi}".strip(), "text_en": f"{said.en} {said.next_en}".strip()}
        for number, page in enumerate(pages, 1)
        for said in page
    ]
    return {"file": str(file), "good": not advice, "error_code": None, "pages": len(pages), "advice": advice}


def _tell(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False), flush=True)
    elif report["error_code"]:
        print(f"✗ {report['file']}: {report['message_vi']} [{report['error_code']}]")
    elif report["good"]:
        print(f"✓ {report['file']}: ảnh đủ rõ để đọc.")
    else:
        for line in report["advice"]:
            print(f"! {report['file']} trang {line['page']}: {line['text_vi']} [{line['code']}]")
