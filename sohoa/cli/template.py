"""`sohoa template check FILE [SAMPLE]`: is this template right, and what does it find on a filled form?"""

import argparse
import json
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sohoa.cli import say
from sohoa.errors import ExitCode, SohoaError, UsageError
from sohoa.messages import message

if TYPE_CHECKING:
    from ocr.fields.templates import Template
    from ocr.model import Field
    from ocr.trial import Tried

_MARKS = {"accepted": "✓", "review": "?", "empty": "–"}
_MOST_PAGES = 50


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa template`."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="VIỆC")
    check = actions.add_parser("check", help="kiểm tra tệp biểu mẫu và thử trên giấy mẫu · check a file, and try it on a sample")
    check.add_argument("file", type=Path, metavar="FILE", help="tệp biểu mẫu YAML · template file")
    check.add_argument("sample", type=Path, nargs="?", metavar="SAMPLE", help="ảnh hoặc PDF của một tờ đã điền · a filled form")
    check.add_argument("-o", "--out", type=Path, metavar="PICTURE", help="ảnh kết quả (.png, .pdf) · picture to write")
    check.add_argument("--json", action="store_true", help="in kết quả dạng JSON · print JSON")


def execute(args: argparse.Namespace) -> int:
    """0 right and everything found, 3 some field must be looked at, 1 the sample is not taken for this form, 2 the file is wrong."""
    from ocr.fields.templates import load_templates

    if not args.file.is_file():
        raise UsageError("input_missing", path=str(args.file))
    with TemporaryDirectory(prefix="sohoa-template-") as folder:
        known = load_templates(_alone(args.file, Path(folder)))
        builtin = {(one.slug, one.version) for one in load_templates(None)}
        template = _this(args.file, known)
        warnings = [
            message("template_title_taken", title=title, slug=other.slug)
            for other in known
            if other.slug != template.slug
            for title in other.titles
            if title in template.titles and not template.proof
        ]
        replaces = (template.slug, template.version) in builtin
        if not args.json:
            _describe(template, replaces)
            for warning in warnings:
                say(warning)
        if args.sample is None:
            return int(ExitCode.REVIEW if warnings else ExitCode.DONE)
        tried, picture = _try(args.sample, args.out, folder)
    return _tell(template, tried, picture, args.json)


def _alone(file: Path, folder: Path) -> str:
    """A folder that holds this template and those it is based on, apart from its neighbours and their faults."""
    from ocr.fields.templates import read_template

    wanted: Path | None = file
    while wanted is not None and not (folder / wanted.name).exists():
        shutil.copyfile(wanted, folder / wanted.with_suffix(".yaml").name)
        based_on = read_template(wanted).based_on
        beside = [file.parent / f"{based_on}{ending}" for ending in (".yaml", ".yml")] if based_on else []
        wanted = next((path for path in beside if path.is_file()), None)
    return str(folder)


def _this(file: Path, known: tuple["Template", ...]) -> "Template":
    from ocr.fields.templates import read_template

    own = read_template(file)
    return next(one for one in known if one.key == own.key)


def _describe(template: "Template", replaces: bool) -> None:
    named = [entry for entry in template.fields if entry.name]
    print(f"✓ {template.slug} · {template.version}: {len(named)} trường, {len(template.rules)} quy tắc kiểm tra")
    print(f"  Căn cứ: {template.legal_basis}")
    if replaces:
        print("  Thay cho biểu mẫu cùng tên và phiên bản có sẵn.")


def _try(sample: Path, out: Path | None, templates: str) -> tuple["Tried", Path]:
    from ocr.tasks import INSPECT, READ_PAGE, Inspect, ReadPage
    from ocr.trial import TRY, Try
    from pipeline.media import sniff
    from pipeline.workers import PRELOAD
    from sohoa.child import Child, Limits

    if not sample.is_file():
        raise UsageError("input_missing", path=str(sample))
    media_type = sniff(sample)
    with TemporaryDirectory(prefix="sohoa-sample-") as work, Child(PRELOAD, Limits()) as child:
        count = child.call(INSPECT, Inspect(str(sample), media_type)).pages
        if count > _MOST_PAGES:
            raise SohoaError("too_many_pages", pages=count, most=_MOST_PAGES)
        pages = tuple(child.call(READ_PAGE, ReadPage(str(sample), media_type, number, work)) for number in range(1, count + 1))
        picture = (out or sample.with_name(f"{sample.stem}.fields")).absolute()
        if picture.suffix not in (".png", ".pdf") or (count > 1 and picture.suffix == ".png"):
            picture = picture.with_name(picture.name + (".png" if count == 1 else ".pdf"))
        drawn = Path(work) / f"drawn{picture.suffix}"
        tried = child.call(TRY, Try(str(sample), media_type, work, pages, templates, str(drawn)))
        try:
            shutil.copyfile(drawn, picture)
        except OSError:
            raise UsageError("out_unwritable", path=str(picture)) from None
    return tried, picture


def _tell(template: "Template", tried: "Tried", picture: Path, as_json: bool) -> int:
    extraction = tried.extraction
    mine = (extraction.template, extraction.template_version) == template.key
    doubted = any(field.status == "review" for field in extraction.fields)
    code = ExitCode.FAILED if not mine else ExitCode.REVIEW if doubted else ExitCode.DONE
    if as_json:
        print(json.dumps(_report(template, tried, picture, mine), ensure_ascii=False))
        return int(code)
    if extraction.template is None:
        say(message("template_sample_unknown", read=next((title for title in tried.titles if title), "–")))
    elif not mine:
        say(message("template_sample_other", template=extraction.template, version=extraction.template_version or "–"))
    for number, field in enumerate(extraction.fields, 1):
        print(_line(number, field))
    print(f"→ {picture}")
    return int(code)


def _line(number: int, field: "Field") -> str:
    value = (
        "" if field.value is None else json.dumps(field.value, ensure_ascii=False) if isinstance(field.value, list) else str(field.value)
    )
    reason = f"  [{field.reason_code}: {message(field.reason_code).vi}]" if field.reason_code else ""
    where = f"trang {field.page}" if field.page else ""
    return f"{_MARKS.get(field.status, ' ')} {number:>3} {field.name:<28} {where:<9} {value}{reason}"


def _report(template: "Template", tried: "Tried", picture: Path, mine: bool) -> dict[str, Any]:
    import msgspec

    return {
        "template": template.slug,
        "template_version": template.version,
        "recognised": mine,
        "recognised_as": tried.extraction.template,
        "titles_read": [title for title in tried.titles if title],
        "picture": str(picture),
        "fields": msgspec.to_builtins(tried.extraction.fields),
    }
