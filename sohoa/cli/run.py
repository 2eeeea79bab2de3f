"""`sohoa run INPUT... -o OUT`: files or folders in, searchable PDF/A, text, fields and reports out."""

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.messages import message

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from pipeline.batch import BatchResult
    from sohoa.child import Child
    from sohoa.settings import Settings
    from storage.records import Progress


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa run`."""
    parser.add_argument("inputs", nargs="*", type=Path, metavar="INPUT", help="tệp hoặc thư mục · file or folder")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="thư mục kết quả · output folder")
    parser.add_argument("--jobs", type=_positive, default=_cores(), metavar="N", help="số tiến trình đọc · workers")
    parser.add_argument("--runner", choices=("local", "celery"), default="local", help="nơi chạy · where the work runs")
    parser.add_argument("--reader", default="default", metavar="NAME", help="bộ đọc chữ: default, lines, tesseract · reader")
    parser.add_argument("--size", choices=("archive", "small"), default="archive", help="cỡ tệp PDF · size of the PDF")
    parser.add_argument(
        "--archive",
        choices=("keep", "render"),
        default="keep",
        help="tệp PDF điện tử: giữ nguyên, hoặc dựng lại thành PDF/A · born-digital files: as they are, or drawn anew as PDF/A",
    )
    parser.add_argument("--export", choices=("hocr", "alto"), action="append", default=[], help="ghi thêm tệp · also write")
    parser.add_argument("--split", type=Path, metavar="FILE", help="tách tệp theo proposals.json đã xác nhận · divide as confirmed")
    parser.add_argument("--sign", default="", metavar="NAME", help="ký kết quả bằng danh tính này · sign results as")
    parser.add_argument("--level", choices=("b", "t", "lt", "lta"), default="b", help="mức PAdES · PAdES level")
    parser.add_argument("--countersign", action="store_true", help="ký thêm cả tệp đã có chữ ký · also sign what is signed already")
    parser.add_argument("--keep", action="store_true", help="giữ lại dữ liệu của lô trong SOHOA_HOME · keep the batch's state")
    parser.add_argument(
        "--office", default="", metavar="NAME", help="đơn vị chịu phần việc này · office whose share of the workers is used"
    )
    parser.add_argument("--json", action="store_true", help="in batch.json ra màn hình · print batch.json")


def execute(args: argparse.Namespace) -> int:
    """Process the inputs; exit codes as in the table of the README."""
    from sohoa.settings import home, load

    settings, state = load(), home()
    from pipeline.workers import started
    from sohoa.child import Limits

    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    with started(args.inputs, args.jobs if args.runner == "local" else 0, limits) as workers:
        return _run(args, settings, state, workers)


def _run(args: argparse.Namespace, settings: "Settings", state: Path, workers: "list[Child]") -> int:
    from ocr.codes import check_patterns
    from pipeline.batch import run_batch
    from pipeline.job import Job
    from pipeline.skipping import load_rules
    from pipeline.splitting import read_plan
    from sohoa.cli.keys import finishing_with, open_key

    load_rules(settings.skip_rules)  # a mistake in the settings is told before the work, not in its middle
    plan = read_plan(args.split) if args.split else None
    signal.signal(signal.SIGTERM, _as_interrupt)
    job = Job(
        out=str(args.out.resolve()),
        reader=args.reader,
        sign=args.sign,
        countersign=args.countersign,
        level=args.level,
        templates=settings.templates,
        codes=check_patterns(settings.codes),
        skip_rules=settings.skip_rules,
        size=args.size,
        archive=args.archive,
        exports=tuple(sorted(set(args.export))),
        most_pages=settings.limits.pages,
        page_seconds=settings.limits.page_seconds,
    )
    here = args.runner == "local"  # otherwise the key is where a worker is
    with open_key(args.sign if here else "", settings, args.level) as key, Bar(quiet=args.json) as bar:
        finishing = finishing_with(key, settings)
        result = run_batch(
            args.inputs or (plan.sources if plan else ()),
            job,
            state,
            settings,
            finishing,
            workers if here else args.jobs,
            args.keep,
            bar.show,
            plan,
            runner=args.runner,
            office=args.office,
        )
    if args.json:
        sys.stdout.write((args.out / "batch.json").read_text(encoding="utf8"))
    else:
        _summary(result, args.out)
    return int(result.exit_code)


class Bar:
    """Progress on standard error: a bar with pages per second and the time left, or plain lines when it is no terminal."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._last = -1
        self._progress = None if quiet or not sys.stderr.isatty() else _rich_bar()
        self._task = self._progress.add_task("", total=None, speed="", done=0, documents=0) if self._progress else None

    def __enter__(self) -> "Bar":
        if self._progress:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress:
            self._progress.stop()

    def show(self, now: "Progress") -> None:
        """Show where the batch stands."""
        if self._progress is not None and self._task is not None:
            speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed or 0
            self._progress.update(
                self._task,
                total=now.pages_total or None,
                completed=now.pages_over,
                speed=f"{speed:.1f} trang/s",
                done=now.documents_over,
                documents=now.documents,
            )
        elif not self._quiet and now.documents_over != self._last:
            step = max(1, now.documents // 10)
            if now.documents_over // step != self._last // step or now.documents_over == now.documents:
                print(f"{now.documents_over}/{now.documents} tài liệu · {now.pages_over}/{now.pages_total} trang", file=sys.stderr)
            self._last = now.documents_over


def _rich_bar() -> "RichProgress":
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.fields[done]}/{task.fields[documents]} tài liệu"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("trang · {task.fields[speed]} · còn"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )


def _summary(result: "BatchResult", out: Path) -> None:
    """Failures first, then the count of each status and the folder to open."""
    words = {"done": "hoàn thành", "review": "cần xem lại", "partial": "một phần", "failed": "lỗi"}
    for row in result.bad:
        if row["status"] in ("failed", "partial"):
            print(f"✗ {row['source']}: {row.get('message_vi') or words[str(row['status'])]} [{row['error_code'] or row['status']}]")
        if pages := row.get("read_badly"):
            why = message("page_read_badly")
            print(f"! {row['source']}, trang {', '.join(map(str, pages))}: {why.vi} {why.next_vi} [page_read_badly]")
    for dossier in json.loads((out / "dossiers.json").read_text(encoding="utf8")):
        for difference in dossier["differences"]:
            if difference["blocking"]:
                said = list(dict.fromkeys(place["name"] for value in difference["values"] for place in value["places"]))
                code = "dossier_differs" if len(said) > 1 else "paper_differs"
                print(f"≠ {', '.join(said[:4])}{' …' if len(said) > 4 else ''}: {message(code).vi} [{difference['aspect']}]")
    if (out / "proposals.json").is_file():
        for proposal in json.loads((out / "proposals.json").read_text(encoding="utf8")):
            members = proposal.get("pages") or proposal.get("documents") or [proposal]
            names = ", ".join(member["name"] for member in members)
            print(f"? {names}: {proposal['text_vi']}")
    count = {word: result.statuses.get(status, 0) for status, word in words.items()}
    print(" · ".join(f"{number} {word}" for word, number in count.items() if number) + f" → {out}")


def _as_interrupt(*_: object) -> None:
    if threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt


def _cores() -> int:
    return max(1, len(os.sched_getaffinity(0)))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("≥ 1")
    return number
