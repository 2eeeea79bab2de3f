"""`sohoa audit verify|show`: is the audit trail whole, are all objects what they were, and what does it say."""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.cli.places import actor, declare_place, open_place

if TYPE_CHECKING:
    from storage.audit import Audit


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa audit`."""
    parser.add_argument("what", choices=("verify", "show"), help="verify: kiểm tra · show: xem (việc xem cũng được ghi lại)")
    parser.add_argument("--head", type=Path, metavar="FILE", help="tệp giữ mắt xích cuối của lần trước, nên ở nơi khác · the last head")
    parser.add_argument("--no-objects", action="store_true", help="không đọc lại kho tệp · leave the object store out")
    parser.add_argument("--limit", type=int, default=100, metavar="N", help="số dòng cuối khi xem · last lines to show")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Exit code 1 when anything has changed."""
    from sohoa.settings import home
    from storage.audit import Audit

    here = open_place(args.worker)
    audit = Audit(here.records.engine)
    if args.what == "show":
        return _show(audit, args.limit)
    file = args.head or home() / "audit.head"
    known = json.loads(file.read_text()) if file.is_file() else None
    report = audit.verify_chain(tuple(known) if known else None)
    if report.broken is None:
        print(f"✓ Nhật ký nguyên vẹn: {report.entries} dòng, mắt xích cuối {report.head[:16]}… · audit trail whole")
    else:
        print(f"✗ Nhật ký bị thay đổi từ dòng {report.broken}. [audit_broken] · audit trail changed")
    damaged = [] if args.no_objects else list(here.objects.damaged())
    for sha in damaged:
        print(f"✗ Tệp {sha[:16]}… đã bị thay đổi. [object_damaged]")
    missing = [] if args.no_objects else sorted(here.records.objects_needed() - set(here.objects.list()))
    for sha in missing:
        print(f"✗ Tệp {sha[:16]}… không còn trong kho. [object_missing]")
    sound = report.broken is None and not damaged and not missing
    audit.append(actor(), "audit.verified", "all", {"sound": sound, "damaged": len(damaged), "missing": len(missing)})
    if sound:
        if not args.no_objects:
            print("✓ Mọi tệp trong kho đúng mã băm. · every object has its hash")
        last = audit.verify_chain()
        file.write_text(json.dumps([last.entries, last.head]))
    return 0 if sound else 1


def _show(audit: "Audit", limit: int) -> int:
    report = audit.verify_chain()
    audit.append(actor(), "audit.read", "all", {"lines": limit})
    for entry in audit.entries(max(0, report.entries - limit), limit):
        when = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(entry.at))
        print(f"{entry.id} {when} {entry.actor} {entry.action} {entry.subject} {json.dumps(entry.facts, ensure_ascii=False)}")
    return 0
