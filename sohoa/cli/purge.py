"""`sohoa purge`: remove what was kept as long as [retention] allows. It only shows what would go, unless `--yes`."""

import argparse

from sohoa.cli.places import actor, declare_place, open_place


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa purge`."""
    parser.add_argument(
        "job", nargs="?", default="", metavar="JOB", help="chỉ lô hoặc tài liệu này, bất kể thời hạn · only this, whatever its age"
    )
    parser.add_argument("--yes", action="store_true", help="xóa thật · really remove")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Count, and with --yes remove."""
    from pipeline.again import find
    from pipeline.retention import due, purge
    from sohoa.errors import UsageError
    from sohoa.settings import load

    here, retention = open_place(args.worker), load().retention
    if args.job:
        wanted = find(here, args.job)
        whole = next(batch for batch in here.records.batches() if batch.id == wanted.batch)
        is_batch = whole.id.startswith(args.job) or whole.out == args.job
        documents = here.records.documents(whole.id) if is_batch else list(wanted.documents)
        if any(document.status == "waiting" for document in documents):
            raise UsageError("purge_in_work")
    elif all(days is None for days in (retention.done, retention.review, retention.partial, retention.failed)):
        raise UsageError("retention_missing")
    else:
        documents = list(due(here, retention))
    gone = purge(here, documents, actor(), dry_run=not args.yes)
    size = f"{gone.documents} tài liệu, {gone.objects} tệp, {gone.bytes / 1e6:.1f} MB"
    print(f"Đã xóa {size}." if args.yes else f"Sẽ xóa {size}. Thêm --yes để xóa thật. · add --yes to remove")
    return 0
