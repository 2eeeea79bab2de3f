"""`sohoa retry JOB`: try again what was given up: a batch's failed documents, one document, or one dead letter."""

import argparse
import os

from sohoa.cli.places import actor, declare_place, open_place


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa retry`."""
    parser.add_argument("job", metavar="JOB", help="mã lô, mã tài liệu hoặc số trong sohoa status · batch, document or number")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))), metavar="N", help="số tiến trình đọc · workers")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Reset it; a batch of this machine's own is worked off here, any other by its workers."""
    from pipeline.again import find, job_of, reset, work_here
    from pipeline.batch import exit_code, only_one, row
    from sohoa.child import Limits
    from sohoa.cli.keys import finishing_with, open_key
    from sohoa.settings import home, load

    settings = load()
    here = open_place(args.worker)
    wanted = find(here, args.job)
    if here.records.terms(wanted.batch).queue != "local":
        reset(here, wanted, actor())
        print(f"{len(wanted.documents)} tài liệu sẽ được máy xử lý làm lại. · handed to the workers")
        return 0
    job = job_of(here, wanted.batch)
    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    with only_one(home(), job.out), open_key(job.sign, settings, job.level) as key:
        reset(here, wanted, actor())
        finishing = finishing_with(key, settings)
        work_here(here, wanted.batch, args.jobs, finishing, limits)
    again = [row(here.records.document(document.id)) for document in wanted.documents]
    for one in again:
        print(f"{one['name']}: {one['status']} {one.get('message_vi') or ''}".rstrip())
    return int(exit_code({one["status"] for one in again}))
