"""`sohoa cancel JOB`: stop a batch for good; what is in work is killed, its unfinished documents end as failed."""

import argparse

from sohoa.cli.places import actor, declare_place, open_place


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa cancel`."""
    parser.add_argument("job", metavar="JOB", help="mã lô hoặc thư mục kết quả · a batch's id or its folder")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Cancel; every worker ends the processes that work on it within a second or two."""
    from pipeline.again import find

    here = open_place(args.worker)
    stopped = here.records.cancel(find(here, args.job).batch, actor())
    print(f"Đã hủy; {stopped} tài liệu chưa xong. · cancelled")
    return 0
