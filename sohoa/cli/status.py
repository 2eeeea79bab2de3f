"""`sohoa status [JOB]`: what is in work, what waits, who works, and what was given up and how to try it again."""

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any

from sohoa.cli.places import declare_place, open_place
from sohoa.messages import message

if TYPE_CHECKING:
    from rich.console import Group

    from pipeline.runner import Place

_STATUS_VI = {"waiting": "đang chờ", "done": "hoàn thành", "review": "cần xem lại", "partial": "một phần", "failed": "lỗi"}
_ALIVE = 30.0


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa status`."""
    parser.add_argument("job", nargs="?", default="", metavar="JOB", help="mã lô hoặc thư mục kết quả · a batch's id or its folder")
    parser.add_argument("--live", action="store_true", help="cập nhật liên tục cho đến khi Ctrl-C · refresh until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="in JSON")
    declare_place(parser)


def execute(args: argparse.Namespace) -> int:
    """Show it once, or again and again."""
    here = open_place(args.worker)
    if args.json:
        json.dump(_facts(here, args.job), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return 0
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if not args.live:
        console.print(_view(here, args.job))
        return 0
    with Live(_view(here, args.job), console=console, auto_refresh=False) as live:
        while True:
            time.sleep(1)
            live.update(_view(here, args.job), refresh=True)


def _facts(here: "Place", job: str) -> dict[str, Any]:
    from collections import Counter

    from msgspec.structs import asdict

    from storage.outbox import Outbox
    from storage.workers import Workers

    batches = [batch for batch in here.records.batches() if not job or batch.id.startswith(job) or batch.out == job]
    only = batches[0].id if job and batches else None
    dead = [
        {**asdict(letter), "message_vi": message(letter.cause).vi, "retry": f"sohoa retry {letter.unit}"}
        for letter in ([] if job and not batches else here.records.dead_letters(only, limit=200))
    ]
    workers = Workers(here.records.engine).all()
    serving = Counter(queue for worker in workers if worker.seen < _ALIVE for queue in worker.queues)
    return {
        "batches": [asdict(batch) for batch in batches],
        "queues": [{**asdict(load), "workers": serving[load.queue]} for load in here.records.loads()],
        "workers": [asdict(worker) for worker in workers],
        "dead_letters": dead,
        "undelivered_events": len(Outbox(here.records.engine).dead()),
    }


def _view(here: "Place", job: str) -> "Group":
    from rich.console import Group
    from rich.table import Table

    from storage.records import LOCAL

    facts = _facts(here, job)
    batches = Table("Lô", "Thư mục", "Đơn vị", "Trang", *_STATUS_VI.values(), title="Lô hồ sơ · batches")
    for batch in facts["batches"]:
        counts = [str(batch["statuses"].get(status, "")) for status in _STATUS_VI]
        name = batch["id"][:8] + (" (đã hủy)" if batch["state"] == "cancelled" else "")
        batches.add_row(name, batch["out"], batch["office"], str(batch["pages"]), *counts)
    queues = Table("Hàng đợi", "Sẵn sàng", "Chờ lâu nhất (giây)", "Đang làm", "Chờ thử lại", "Máy nhận", title="Hàng đợi · queues")
    for load in facts["queues"]:
        counts = [str(load["ready"]), f"{load['oldest_seconds']:.0f}", str(load["leased"]), str(load["delayed"])]
        # A key's queue that no worker serves would wait for ever; a batch of `sohoa run` is worked off by its own process.
        queues.add_row(load["queue"], *counts, "" if load["queue"] == LOCAL else str(load["workers"]))
    workers = Table("Máy", "Hàng đợi", "Tiến trình", "Đang bận", "Tín hiệu cuối", "", title="Máy xử lý · workers")
    for worker in facts["workers"]:
        alive = worker["seen"] < _ALIVE
        deaf = alive and (worker["heard"] is None or worker["heard"] > 90)
        state = "mất liên lạc" if not alive else message("worker_deaf").vi if deaf else "tốt"
        seen = f"{worker['seen']:.0f} giây trước"
        workers.add_row(worker["host"], " ".join(worker["queues"]), str(worker["jobs"]), str(worker["busy"]), seen, state)
    dead = Table("Tài liệu", "Bước", "Trang", "Nguyên nhân", "Thử lại bằng", title="Đã dừng lại · given up")
    for letter in facts["dead_letters"]:
        cause = f"{letter['message_vi']} [{letter['cause']}]"
        dead.add_row(letter["name"], letter["stage"], str(letter["page"] or ""), cause, letter["retry"])
    tables = (batches, queues, workers, dead)
    shown = [table for table in tables if table.row_count]
    return Group(*shown) if shown else Group("Không có việc nào. · Nothing here.")
