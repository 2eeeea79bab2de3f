"""`sohoa worker`: take work from a Celery queue and do it with killable children on this machine."""

import argparse
import logging
import os


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa worker`."""
    parser.add_argument("--broker", default="", metavar="URL", help="redis://… hoặc amqp://… · broker address")
    parser.add_argument("--jobs", type=int, default=max(1, len(os.sched_getaffinity(0))), metavar="N", help="số tiến trình đọc · workers")


def execute(args: argparse.Namespace) -> int:
    """Work until told to stop; running tasks are finished first on SIGTERM."""
    from pipeline.batch import only_one, place
    from pipeline.finish import Finishing
    from pipeline.runner import LocalRunner
    from pipeline.tasks import application, register
    from sohoa.child import Limits
    from sohoa.settings import home, load

    settings = load()
    state = home() / "worker"  # apart from the batches of `sohoa run`, which finish themselves
    here = place(state)
    app = application(args.broker or settings.broker, settings.redeliver_seconds)
    limits = Limits(memory=settings.limits.memory_megabytes << 20, seconds=settings.limits.page_seconds)
    # A task's arguments are file names and its result a report; neither belongs in a log.
    logging.getLogger("celery.app.trace").setLevel(logging.CRITICAL)
    logging.getLogger("celery.worker.strategy").setLevel(logging.WARNING)
    with only_one(state, "worker"):
        # A worker that was killed here held them; freed before ours begin, for none of theirs may be given to another.
        here.records.free_leases()
        with LocalRunner(here, args.jobs, Finishing(trust=settings.trust.folder), limits) as runner:
            register(app, here, runner, settings)
            # Waiting costs nothing: let twice as many messages wait as there are workers, so that none is ever idle.
            worker = app.Worker(
                pool="threads", concurrency=2 * args.jobs, loglevel="WARNING", quiet=True, without_gossip=True, without_mingle=True
            )
            worker.start()
            return int(worker.exitcode or 0)
