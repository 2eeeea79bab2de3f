"""`sohoa worker`: take work from a Celery queue and do it with killable children on this machine."""

import argparse
import contextlib
import logging
import os


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa worker`."""
    parser.add_argument("--broker", default="", metavar="URL", help="redis://… hoặc amqp://… · broker address")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))), metavar="N", help="số tiến trình đọc · workers")
    parser.add_argument("--queues", default="", metavar="LIST", help="hàng đợi nhận việc: reading, signing, delivery · queues to serve")
    parser.add_argument("--sign", default="", metavar="NAME", help="máy này giữ khóa ký NAME · this machine holds the key NAME")
    parser.add_argument(
        "--agency", default="", metavar="NAME", help="khóa của cơ quan, cho sohoa.certify · the agency's key, to certify copies"
    )
    parser.add_argument("--metrics", type=int, default=0, metavar="PORT", help="cổng của /metrics và /healthz · port of metrics and health")
    parser.add_argument("--metrics-host", default="127.0.0.1", metavar="HOST", help="địa chỉ của cổng đó · its address")


def execute(args: argparse.Namespace) -> int:
    """Work until told to stop; running tasks are finished first on SIGTERM."""
    from msgspec.structs import replace

    from pipeline.batch import only_one, place
    from pipeline.children import Children
    from pipeline.handover import work_of_its_own
    from pipeline.metrics import metrics_page
    from pipeline.portal.courier import courier
    from pipeline.portal.deeds import Certifying, Keys
    from pipeline.portal.tasks import Desk, register_portal
    from pipeline.runner import Duty, LocalRunner
    from pipeline.service import Service
    from pipeline.signature import queues_of
    from pipeline.tasks import application, hold_seconds, pulse_queue, register
    from signing.tasks import PRELOAD
    from sohoa.child import Limits
    from sohoa.cli.certify import open_register
    from sohoa.cli.keys import finishing_with, open_key
    from sohoa.settings import home, load

    settings = load()
    state = home() / "worker"  # apart from the batches of `sohoa run`, which finish themselves
    here = place(state, settings)
    shared = here.records.shared
    queues = queues_of(args.queues, args.sign)
    broker = args.broker or settings.broker
    app = application(broker, settings.redeliver_seconds, queues)
    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    # A task's arguments are file names and its result a report; neither belongs in a log.
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    # It offers delays by the broker, which our records keep.
    logging.getLogger("celery.worker.consumer.delayed_delivery").setLevel(logging.ERROR)
    with contextlib.ExitStack() as stack:
        if not shared:
            stack.enter_context(only_one(state, "worker"))
            # A worker that was killed here held them; freed before ours begin, for none of theirs may be given to another.
            here.records.free_leases()
        level = "t" if settings.timestamp.url or (args.agency and settings.certify.level != "b") else "b"
        key = stack.enter_context(open_key(args.sign, settings, level))
        agency = stack.enter_context(open_key(args.agency, settings, level))
        finishing = finishing_with(key, settings)
        duty = Duty(queues=queues, idle=2.0 if shared else 0.2, shared=shared, index=shared, lease=settings.lease_seconds)
        # On one machine a document's work folder outlives the process, for the next one goes on with it.
        work = stack.enter_context(work_of_its_own(here.work)) if shared else here.work
        runner = stack.enter_context(LocalRunner(replace(here, work=work), args.jobs, finishing, limits, duty))
        app.conf.task_queues = [*app.conf.task_queues, pulse_queue(runner.id, broker)]
        deliver = courier(here.records, settings) if "delivery" in queues else None
        service = stack.enter_context(Service(app, here, runner, broker, deliver))
        register(app, here, runner, settings, service.heard)
        keys = Keys({one.name: one for one in (key, agency) if one})
        seal = stack.enter_context(open_key(settings.seal.identity if agency else "", settings))
        certifying = Certifying(open_register(), here.objects, keys, seal.holder if seal else None) if agency else None
        child = stack.enter_context(Children(max(1, args.jobs // 2), PRELOAD, limits))
        register_portal(app, Desk(here, runner, settings, child, keys, certifying), service.heard, hold_seconds(settings))
        if args.metrics:
            stack.enter_context(metrics_page(here.records, service.health, args.metrics_host, args.metrics))
        # Waiting costs nothing: let twice as many messages wait as there are workers, so that none is ever idle.
        worker = app.Worker(
            pool="threads", concurrency=2 * args.jobs, loglevel="WARNING", quiet=True, without_gossip=True, without_mingle=True
        )
        worker.start()
        if runner.error:
            raise runner.error
        return int(worker.exitcode or 0)
