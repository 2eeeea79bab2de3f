"""`sohoa sign FILE... --as NAME -o OUT`: one key, one secret, many files; interrupted, the same command goes on."""

import argparse
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sohoa.cli.keys import declare_secret, evidence, open_key
from sohoa.errors import ExitCode, UsageError
from sohoa.messages import message

if TYPE_CHECKING:
    from rich.progress import Progress

    from pipeline.sign_batch import Outcome, Plan
    from signing.model import Facts
    from signing.sign import Look
    from sohoa.cli.keys import OpenKey
    from sohoa.settings import Settings

_LASTING = ("lt", "lta")
_COPY_FORMS = ("SAO Y", "SAO LỤC", "TRÍCH SAO")  # Decree 30/2020/ND-CP, Article 25
_STATES = {"pending": "chờ xác nhận", "approved": "đã xác nhận", "rejected": "bị từ chối", "expired": "hết hạn"}


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa sign`."""
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="tệp PDF, hoặc thư mục chứa tệp PDF · PDF file, or a folder of them"
    )
    parser.add_argument("--as", dest="name", required=True, metavar="NAME", help="danh tính ký số trong cấu hình · identity")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="tệp hoặc thư mục kết quả · output file or folder")
    parser.add_argument("--level", choices=("b", "t", "lt", "lta"), default="b", help="mức PAdES · PAdES level")
    parser.add_argument("--profile", default="", metavar="NAME", help="kiểu hiển thị chữ ký, 'invisible' để ẩn · appearance")
    parser.add_argument("--page", type=int, metavar="N", help="trang đặt chữ ký, từ 1 · page of the appearance")
    parser.add_argument("--box", type=_box, metavar="X0,Y0,X1,Y1", help="vị trí (điểm, từ góc trên bên trái) · its place in points")
    parser.add_argument("--position", default="", help="chức vụ hiển thị · position shown")
    parser.add_argument("--agency", default="", help="cơ quan hiển thị · agency shown")
    parser.add_argument("--number", default="", help="số và ký hiệu văn bản · document number")
    parser.add_argument("--copy-form", choices=_COPY_FORMS, default="", help="hình thức sao, với --profile sao_y · form of the copy")
    parser.add_argument("--image", type=Path, metavar="PNG", help="ảnh chữ ký hoặc con dấu, nền trong suốt · image")
    parser.add_argument("--at-once", type=int, default=0, metavar="N", help="số tệp xử lý cùng lúc · files under way together")
    parser.add_argument("--json", action="store_true", help="mỗi tệp một dòng JSON · one JSON object per file")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Sign every file; a file that cannot be signed gets its code and stops no other."""
    from pipeline.children import Children
    from pipeline.looking import PRELOAD as READING
    from pipeline.looking import page_reader
    from pipeline.sign_batch import Batch, items_of
    from pipeline.sign_journal import Journal, only_one
    from signing.tasks import PRELOAD
    from sohoa.settings import home, load
    from verification.tasks import PRELOAD as VERIFYING

    settings = load()
    items = items_of(_pairs(args.files, args.out))
    cores = os.cpu_count() or 1
    at_once = args.at_once or (cores if args.level == "b" else max(cores, 8))
    failed = 0
    with (
        only_one(home() / "signing", _name(args)) as file,
        open_key(args.name, settings, args.level, args.passphrase_fd) as key,
        Children(max(1, min(cores, at_once, len(items))), (*PRELOAD, *VERIFYING)) as children,
        Children(1, READING) as reading,  # starts with the first page that has to be read
    ):
        if key is None:
            raise UsageError("identity_unknown", name=args.name, known="–")
        journal = Journal(file)
        done = False
        try:
            with _Bar(len(items), quiet=args.json) as bar:
                journal.listen = bar.wait
                plan = _plan(args, settings, key, min(at_once, len(items)), page_reader(reading))
                batch = Batch(key.holder, plan, children, journal, bar.show)
                for outcome in batch.run(items):
                    failed += outcome.error is not None
                    _tell(_report(outcome, key.trial), args.json)
            done = not failed
        finally:
            journal.close(done)
    return int(ExitCode.FAILED if failed else ExitCode.DONE)


def _pairs(files: list[Path], out: Path) -> list[tuple[Path, Path]]:
    """(source, result) of each file; a folder stands for the PDFs in it. Raises UsageError input_missing, out_same_name."""
    found: list[Path] = []
    for file in files:
        if file.is_dir():
            found += sorted(inner for inner in file.iterdir() if inner.suffix.lower() == ".pdf" and inner.is_file())
        elif file.is_file():
            found.append(file)
        else:
            raise UsageError("input_missing", path=str(file))
    if not found:
        raise UsageError("input_missing", path=str(files[0]))
    many = len(found) > 1 or files[0].is_dir() or out.is_dir() or not out.suffix
    pairs = [(file, out / file.name if many else out) for file in found]
    if len({target for _, target in pairs}) < len(pairs):
        raise UsageError("out_same_name")
    return pairs


def _name(args: argparse.Namespace) -> str:
    """What makes two runs the same batch: who signs, how, and into which folder."""
    shown = [args.name, args.level, args.profile, args.page, args.box, args.position, args.agency, args.number, args.copy_form]
    return json.dumps([str(args.out.resolve()), str(args.image), *shown], ensure_ascii=False)


def _plan(args: argparse.Namespace, settings: "Settings", key: "OpenKey", at_once: int, look: "Look | None") -> "Plan":
    from pipeline.sign_batch import Plan
    from signing.model import VIETNAM, Facts, Trust
    from signing.profiles import load_profile
    from signing.sign import Manner

    fetch, trust = evidence(settings) if args.level in _LASTING else (None, Trust())
    if settings.trust.folder and args.level not in _LASTING:
        # The chain and the lists at hand are looked at before every signature; fetching is for the levels that need it.
        trust = evidence(settings)[1]

    def facts() -> "Facts":
        now = datetime.now(VIETNAM)
        return Facts(
            signed_at=now,
            captured_at=now,
            position=args.position,
            agency=args.agency,
            document_number=args.number,
            copy_form=args.copy_form,
            image=args.image,
            page=args.page,
            box=args.box,
        )

    profile = load_profile(args.profile or key.profile or "cv7197")
    return Plan(Manner(profile, args.level, key.algorithm, key.timestamp, look=look), facts, trust, fetch, settings.trust.folder, at_once)


def _report(outcome: "Outcome", trial: bool) -> dict[str, Any]:
    source = str(outcome.item.source)
    if outcome.error is not None:
        said = outcome.error.message
        return {"file": source, "error_code": outcome.error.code, "message_vi": f"{said.vi} {said.next_vi}", "message_en": said.en}
    return {"file": source, **(outcome.report or {}), "trial": trial}


def _tell(report: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(report, ensure_ascii=False), flush=True)
    elif "error_code" in report:
        print(f"✗ {report['file']}: {report['message_vi']} [{report['error_code']}]", file=sys.stderr)
    else:
        trial = " (khóa thử nghiệm, không có giá trị pháp lý)" if report["trial"] else ""
        unknown = " · chưa kiểm tra được tình trạng thu hồi của chứng thư" if report["certificate_status"] == "unknown" else ""
        placed = f" · {message('placement_' + report['placement']).vi}" if report.get("placement") else ""
        print(f"✓ {report['file']} → {report['path']}{trial}{unknown}{placed}")


class _Bar:
    """Progress on standard error, and what a person at a telephone or token is waited for; without a terminal only the latter."""

    def __init__(self, total: int, quiet: bool) -> None:
        self._quiet = quiet
        self._progress = _rich_bar() if total > 1 and not quiet and sys.stderr.isatty() else None
        self._task = self._progress.add_task("", total=total, state="") if self._progress else None

    def __enter__(self) -> "_Bar":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def show(self, over: int) -> None:
        """`over` files are signed or given up."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, completed=over)

    def wait(self, state: str, orders: int) -> None:
        """A request for `orders` signatures stands like this with the person who approves it."""
        said = f"{orders} tài liệu {_STATES[state]}"
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, state=said)
        elif not self._quiet:
            print(said, file=sys.stderr, flush=True)


def _rich_bar() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Ký số"), BarColumn(), MofNCompleteColumn(), TextColumn("tệp · còn"), TimeRemainingColumn())
    return Progress(*columns, TextColumn("{task.fields[state]}"), console=Console(stderr=True))


def _box(text: str) -> tuple[float, float, float, float]:
    try:
        x0, y0, x1, y1 = map(float, text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError("X0,Y0,X1,Y1") from None
    return (x0, y0, x1, y1)
