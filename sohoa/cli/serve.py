"""`sohoa serve`: the citizen's check page, and the portal's HTTP interface beside it.

`--only check` holds no database, no keys and no uploads, for a machine that everybody may reach. With `--only api`, or without
`--only` where the settings name an office, `/v1` is served too. On one machine this process also does the work; where records
are shared, workers do it.
"""

import argparse
import json
import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.errors import UsageError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from sohoa.settings import Settings
    from verification.model import Difference, Verdict


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa serve`."""
    parser.add_argument("--only", choices=("check", "api"), default="", help="phần cần mở · which part to serve")
    parser.add_argument("--host", default="127.0.0.1", help="địa chỉ lắng nghe · address to listen on")
    parser.add_argument("--port", type=int, default=8420, help="cổng · port")
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục chứng thư tin cậy · folder of trusted certificates")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))), metavar="N", help="số tiến trình đọc · workers")
    parser.add_argument("--sign", action="append", default=[], metavar="NAME", help="máy này giữ khóa ký NAME · this server holds the key")
    parser.add_argument("--new-token", action="store_true", help="in một mã truy cập mới và mã băm của nó · print a new token and its hash")
    parser.add_argument("--schemas", action="store_true", help="in OpenAPI và lược đồ các tác vụ · print OpenAPI and the tasks' schemas")


def execute(args: argparse.Namespace) -> int:
    """Serve until interrupted."""
    from sohoa.settings import load

    settings = load()
    if args.new_token:
        from pipeline.portal.offices import new_token

        token, known = new_token()
        print(f'{token}\ntokens = ["{known}"]')
        return 0
    if args.schemas:
        return _schemas(settings)
    if args.only == "api" and not settings.api.offices:
        raise UsageError("api_without_offices")
    import uvicorn

    with ExitStack() as stack:
        page = None if args.only == "api" else stack.enter_context(_check_page(args, settings))
        api = stack.enter_context(_api(args, settings)) if args.only != "check" and settings.api.offices else None
        if api is not None and page is not None:
            api.mount("/", page)
        served = api if api is not None else page
        if served is None:
            raise UsageError("api_without_offices")
        address = f"http://{args.host}:{args.port}"
        if page is not None:
            print(f"Trang kiểm tra: {address}/  (Ctrl-C để dừng)", flush=True)
        if api is not None:
            print(f"Cửa HTTP cho cổng dịch vụ: {address}/v1  (Ctrl-C để dừng)", flush=True)
        # No access log: an address and a file name together are personal data.
        uvicorn.run(served, host=args.host, port=args.port, log_level="warning", access_log=False, server_header=False)
    return 0


@contextmanager
def _check_page(args: argparse.Namespace, settings: "Settings") -> Iterator["FastAPI"]:
    from sohoa.child import Child, Limits
    from sohoa.cli.photo_judge import photo_judge
    from sohoa.cli.print_reader import print_reader
    from verification.page import app
    from verification.tasks import PRELOAD, Verify, difference_in_child, verify_in_child

    trust = str(args.trust or settings.trust.folder or "") or None
    child, one_at_a_time = Child(PRELOAD, Limits(memory=2 << 30)), threading.Lock()
    with child, print_reader() as compare, photo_judge() as check_photo:

        def check(file: Path) -> "Verdict":
            with one_at_a_time:
                return compare(file, verify_in_child(child, Verify(str(file), trust=trust)))

        def changed(file: Path) -> "Difference | None":
            with one_at_a_time:
                return difference_in_child(child, Verify(str(file)))

        yield app(check, check_photo=check_photo, changed=changed)


@contextmanager
def _api(args: argparse.Namespace, settings: "Settings") -> Iterator["FastAPI"]:
    from pipeline.batch import only_one, place
    from pipeline.children import Children
    from pipeline.portal.app import portal
    from pipeline.portal.counter import Counter
    from pipeline.portal.courier import courier, delivering
    from pipeline.portal.deeds import Certifying, Keys
    from pipeline.portal.secret import server_secret
    from pipeline.runner import Duty, LocalRunner
    from pipeline.service import Health
    from pipeline.signature import queues_of
    from signing.tasks import PRELOAD
    from sohoa.child import Limits
    from sohoa.cli.certify import open_register
    from sohoa.cli.keys import finishing_with, open_key
    from sohoa.settings import home
    from storage.places import drop_places

    send_from = settings.api.offices
    state = home() / "worker"  # the same records as `sohoa worker`, of which one process alone works on one machine
    here = place(state, settings)
    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    with ExitStack() as stack:
        level = "t" if settings.timestamp.url or (len(args.sign) > 1 and settings.certify.level != "b") else "b"
        opened = {name: key for name in args.sign if (key := stack.enter_context(open_key(name, settings, level)))}
        keys = Keys(dict(opened))
        health = [lambda: Health(True)]
        ring = lambda: None  # noqa: E731 - workers elsewhere are rung for by the outbox
        if not here.records.shared:
            stack.enter_context(only_one(state, "worker"))
            here.records.free_leases()
            finishing = finishing_with(next(iter(opened.values()), None), settings)
            # A batch is signed by the first key alone; with the others single documents are signed.
            duty = Duty(queues=queues_of("", *args.sign[:1]), idle=0.5, shared=True, index=True, lease=settings.lease_seconds)
            runner = stack.enter_context(LocalRunner(here, args.jobs, finishing, limits, duty))
            ring = runner.ring
            health[0] = lambda: Health(runner.error is None, "" if runner.error is None else "worker_broken")
        child = stack.enter_context(Children(2, PRELOAD, limits))
        seal = stack.enter_context(open_key(settings.seal.identity if len(opened) > 1 else "", settings))
        certifying = Certifying(open_register(), here.objects, keys, seal.holder if seal else None) if len(opened) > 1 else None
        if any(office.webhook for office in send_from.values()):
            stack.enter_context(delivering(courier(here.records, settings)))
        signs = None if here.records.shared else frozenset(args.sign[:1])
        counter = Counter(here, settings, child, keys, certifying, ring, signs)
        yield portal(counter, drop_places(here.objects), server_secret(state), lambda: health[0]())


def _schemas(settings: "Settings") -> int:
    """OpenAPI of the HTTP door and the JSON schemas of the Celery tasks, from the code that serves them."""
    from tempfile import TemporaryDirectory

    from pipeline.batch import place
    from pipeline.portal.app import portal
    from pipeline.portal.counter import Counter
    from pipeline.portal.deeds import Keys
    from pipeline.portal.signatures import task_schemas
    from pipeline.service import Health
    from sohoa.child import Child
    from sohoa.settings import Settings
    from storage.places import FolderPlaces

    with TemporaryDirectory(prefix="sohoa-schemas-") as folder:
        here = place(Path(folder), Settings())
        counter = Counter(here, Settings(), Child(), Keys({}), None, lambda: None)
        app = portal(counter, FolderPlaces(Path(folder) / "drops"), b"", lambda: Health(True))
        print(json.dumps({"openapi": app.openapi(), "tasks": task_schemas()}, ensure_ascii=False, indent=1))
        here.records.engine.dispose()
    return 0
