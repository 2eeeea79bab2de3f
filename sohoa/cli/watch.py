"""`sohoa watch FOLDER -o OUT`: whatever a scanner drops into the folder is processed once, as soon as it is whole."""

import argparse
import os
import signal
import threading
from hashlib import sha256
from pathlib import Path

from sohoa.errors import UsageError


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa watch`."""
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="thư mục máy quét ghi vào · the folder to watch")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="thư mục kết quả · output folder")
    parser.add_argument("--settle", type=float, default=2.0, metavar="S", help="số giây tệp không đổi thì nhận · seconds without a change")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))), metavar="N", help="số tiến trình đọc · workers")
    parser.add_argument("--sign", default="", metavar="NAME", help="ký kết quả bằng danh tính này · sign results as")
    parser.add_argument("--office", default="", metavar="NAME", help="đơn vị chịu phần việc này · office whose share is used")


def execute(args: argparse.Namespace) -> int:
    """Watch until told to stop; nothing in the folder is changed."""
    from contextlib import ExitStack

    from ocr.codes import check_patterns
    from pipeline.batch import place
    from pipeline.job import Job
    from pipeline.runner import Duty, LocalRunner
    from pipeline.signature import queues_of
    from pipeline.watching import Watched, Watcher, changes, one_watcher
    from sohoa.child import Child, Limits
    from sohoa.cli.keys import finishing_with, open_key
    from sohoa.messages import message
    from sohoa.settings import home, load

    if not args.folder.is_dir():
        raise UsageError("input_missing", path=str(args.folder))
    settings, folder, out = load(), args.folder.resolve(), args.out.resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise UsageError("out_unwritable", path=str(out)) from None
    job = Job(
        out=str(out),
        sign=args.sign,
        templates=settings.templates,
        codes=check_patterns(settings.codes),
        skip_rules=settings.skip_rules,
        most_pages=settings.limits.pages,
        page_seconds=settings.limits.page_seconds,
    )
    # Records of its own for every folder: on one machine one process alone writes them.
    here = place(home() / "watch" / sha256(str(folder).encode()).hexdigest()[:16], settings)
    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    stop = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: stop.set())
    with ExitStack() as stack:
        stack.enter_context(one_watcher(folder))
        ring = threading.Event().set
        if not here.records.shared:
            here.records.free_leases()
            key = stack.enter_context(open_key(args.sign, settings))
            finishing = finishing_with(key, settings)
            duty = Duty(queues=queues_of("", args.sign), idle=0.5)
            runner = stack.enter_context(LocalRunner(here, args.jobs, finishing, limits, duty))
            ring = runner.ring
        watcher = Watcher(Watched(folder, job, args.office, args.settle), here, settings, stack.enter_context(Child()), ring)
        print(f"Đang theo dõi {folder} → {out}  (Ctrl-C để dừng)", flush=True)
        for _ in changes(folder, stop):
            for document in watcher.look():
                said = message(document.error_code).vi if document.error_code else ""
                print(f"{document.source}: {document.status} {said}".rstrip(), flush=True)
        watcher.report(at_once=True)
    return 0
