"""Numbers for Prometheus and for whoever scales the workers, and a worker's health, over plain HTTP.

`/metrics` tells, per queue, what waits, for how long, how many seconds of one process's work that is, and how many
processes would work it off in a minute; `/healthz` answers 503 for a worker that should be started anew. No number is
labelled with anything of a document (design rule 10).
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import ceil

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pipeline.service import Health
from sohoa.errors import SohoaError
from storage.outbox import Outbox
from storage.records import Records
from storage.workers import Workers

_WORK_OFF_IN = 60.0
_DEAD_AFTER = 30.0


class RecordsCollector(Collector):
    """Reads the records when it is asked, and keeps nothing."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One family per number."""
        units = GaugeMetricFamily("sohoa_units", "Units of work by queue and state", labels=["queue", "state"])
        oldest = GaugeMetricFamily("sohoa_oldest_ready_seconds", "How long the oldest ready unit has waited", labels=["queue"])
        backlog = GaugeMetricFamily("sohoa_backlog_seconds", "Seconds of one process's work that wait", labels=["queue"])
        wanted = GaugeMetricFamily("sohoa_processes_wanted", "Processes that would work the backlog off in a minute", labels=["queue"])
        for load in self._records.loads():
            for state, count in (("ready", load.ready), ("leased", load.leased), ("delayed", load.delayed)):
                units.add_metric([load.queue, state], count)
            seconds = load.ready * load.unit_seconds
            oldest.add_metric([load.queue], load.oldest_seconds)
            backlog.add_metric([load.queue], seconds)
            wanted.add_metric([load.queue], ceil(seconds / _WORK_OFF_IN))
        yield from (units, oldest, backlog, wanted)
        alive = [worker for worker in Workers(self._records.engine).all() if worker.seen < _DEAD_AFTER]
        yield GaugeMetricFamily("sohoa_workers", "Workers that gave a sign of life", value=len(alive))
        yield GaugeMetricFamily("sohoa_processes", "Processes of these workers", value=sum(worker.jobs for worker in alive))
        yield GaugeMetricFamily("sohoa_processes_busy", "Processes in work", value=sum(worker.busy for worker in alive))
        yield GaugeMetricFamily("sohoa_dead_letters", "Units of work that were given up", value=len(self._records.dead_letters()))
        outbox = GaugeMetricFamily("sohoa_outbox", "Messages that have not arrived", labels=["kind"])
        for kind in ("ring", "event"):
            outbox.add_metric([kind], Outbox(self._records.engine).waiting(kind))
        yield outbox


@contextmanager
def metrics_page(records: Records, health: Callable[[], Health], host: str, port: int) -> Iterator[int]:
    """Serve `/metrics` and `/healthz` while the block runs; gives the port."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(RecordsCollector(records))

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                if self.path == "/metrics":
                    self._answer(200, generate_latest(registry), "text/plain; version=0.0.4; charset=utf-8")
                elif self.path == "/healthz":
                    found = health()
                    self._answer(200 if found.sound else 503, (found.code or "ok").encode(), "text/plain")
                else:
                    self._answer(404, b"", "text/plain")
            except SohoaError as error:
                self._answer(503, error.code.encode(), "text/plain")

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """No access log."""

    server = ThreadingHTTPServer((host, port), Page)
    thread = threading.Thread(target=server.serve_forever, name="sohoa-metrics", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
