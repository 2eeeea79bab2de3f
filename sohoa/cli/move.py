"""`sohoa move --records URL --objects URL`: carry this machine's records and objects to shared ones, and check them there."""

import argparse
import sys

from sohoa.cli.places import actor, declare_place, open_place


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa move`."""
    parser.add_argument("--records", required=True, metavar="URL", help="postgresql://…")
    parser.add_argument("--objects", required=True, metavar="URL", help="s3://… hoặc thư mục · or a folder")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Copy, compare, and say what to write into the settings; nothing here is removed."""
    from pipeline.batch import only_one
    from sohoa.settings import home
    from storage.audit import Audit
    from storage.carry import carry
    from storage.database import open_database
    from storage.stores import open_objects

    state = home() / "worker" if args.worker else home()
    here = open_place(args.worker)

    def tick(what: str, count: int) -> None:
        if sys.stderr.isatty() and count % 100 == 0:
            print(f"\r{what}: {count}   ", end="", file=sys.stderr)

    target = open_database(args.records)
    with only_one(state, "worker"):
        carried = carry(here.records.engine, target, here.objects, open_objects(args.objects, state), tick)
    Audit(target).append(actor(), "records.moved", "all", {"rows": sum(carried.rows.values()), "objects": carried.objects})
    rows = ", ".join(f"{name} {count}" for name, count in carried.rows.items() if count)
    print(f"Đã chuyển và đối chiếu: {carried.objects} tệp; {rows or 'không có dòng nào'}. · moved and compared")
    print(f'Hãy ghi vào config.toml · write into config.toml:\n\n[storage]\nrecords = "{args.records}"\nobjects = "{args.objects}"')
    return 0
