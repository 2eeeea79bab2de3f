"""Real servers for tests: PostgreSQL, RabbitMQ, Redis and S3, each on a free port, with its data in a folder of its own.

PostgreSQL refuses to run as root; then it runs as the user that Debian made for it. Every server can be stopped and
started again, and is gone when the tests are over.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(what: Callable[[], object], seconds: float = 60, every: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError("waited in vain")
        time.sleep(every)


class Server:
    """One server process in its own session; `stop` ends it with everything it started."""

    def __init__(self, user: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="sohoa-test-", dir="/tmp"))
        self.port = free_port()
        self.drop: list[str] = []
        if user and os.getuid() == 0:
            who = pwd.getpwnam(user)
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self.drop = ["setpriv", f"--reuid={who.pw_uid}", f"--regid={who.pw_gid}", "--clear-groups"]
        self.process: subprocess.Popen[bytes] | None = None

    def line(self) -> list[str]:
        raise NotImplementedError

    def env(self) -> dict[str, str]:
        return {**os.environ, "HOME": str(self.folder)}

    def ready(self) -> bool:
        return listens(self.port)

    def start(self) -> None:
        with (self.folder / "said.txt").open("ab") as said:
            self.process = subprocess.Popen(
                [*self.drop, *self.line()],
                stdout=said,
                stderr=said,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=self.folder,
                env=self.env(),
            )
        until(self._ready_or_dead, 60)

    def _ready_or_dead(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise AssertionError((self.folder / "said.txt").read_text(errors="replace")[-2000:])
        return self.ready()

    def stop(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            if how == signal.SIGKILL:
                os.killpg(self.process.pid, how)
            else:
                self.process.send_signal(how)
        self.process.wait(30)
        self.process = None
        # What a server's start script had started dies a moment after it; until then its port answers for the next one.
        until(lambda: not listens(self.port), 10)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Server):
    """PostgreSQL with a superuser `sohoa`; `database()` makes a new empty database and returns its address."""

    def __init__(self) -> None:
        super().__init__("postgres")
        self.programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
        make = [*self.drop, str(self.programs / "initdb"), "-D", str(self.folder / "data"), "-U", "sohoa", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*make, "--no-sync", "--locale=C"], check=True, capture_output=True, cwd=self.folder)

    def line(self) -> list[str]:
        options = {
            "port": self.port,
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": 200,
        }
        return [
            str(self.programs / "postgres"),
            "-D",
            str(self.folder / "data"),
            *(f"--{name.replace('_', '-')}={value}" for name, value in options.items()),
        ]

    def ready(self) -> bool:
        import psycopg

        try:
            psycopg.connect(self.address("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        # "Immediate" shutdown: what a crash is to its clients, but no shared memory of it stays behind.
        super().stop(how)

    def address(self, name: str) -> str:
        return f"postgresql://sohoa@127.0.0.1:{self.port}/{name}"

    def database(self) -> str:
        import psycopg

        name = f"t{uuid4().hex[:12]}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.address(name)


class Rabbit(Server):
    """RabbitMQ with its own node name, cookie, folders and name server."""

    def __init__(self) -> None:
        super().__init__()
        self.distribution, self.names = free_port(), free_port()

    def close(self) -> None:
        super().close()
        # Erlang's name server outlives its last node by design, and does not go before it has seen it go.
        until(
            lambda: (
                not listens(self.names) or not subprocess.run(["epmd", "-port", str(self.names), "-kill"], capture_output=True).returncode
            ),
            10,
        )

    def line(self) -> list[str]:
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def env(self) -> dict[str, str]:
        folder = str(self.folder)
        (self.folder / "rabbitmq.conf").write_text(
            "loopback_users = none\nvm_memory_high_watermark.absolute = 512MB\ndisk_free_limit.absolute = 50MB\nlog.file = false\n"
        )
        (self.folder / "plugins").write_text("[].\n")
        return {
            **super().env(),
            "RABBITMQ_NODENAME": f"sohoa{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.distribution),
            "RABBITMQ_MNESIA_BASE": folder + "/mnesia",
            "RABBITMQ_LOG_BASE": folder + "/log",
            "RABBITMQ_CONFIG_FILE": folder + "/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": folder + "/none",
            "RABBITMQ_ENABLED_PLUGINS_FILE": folder + "/plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            "ERL_EPMD_PORT": str(self.names),
        }

    @property
    def address(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"


class Redis(Server):
    """Redis that keeps its queue over a restart, as an operator's does."""

    def line(self) -> list[str]:
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return [shutil.which("redis-server") or "redis-server", *place, "--save", "", "--appendonly", "yes", "--appendfsync", "no"]

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"


class S3(Server):
    """SeaweedFS with its S3 door; `bucket()` makes a new one and returns its address for our settings."""

    KEYS = {"AWS_ACCESS_KEY_ID": "sohoa-test", "AWS_SECRET_ACCESS_KEY": "sohoa-test-secret"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self.ports = [free_port() for _ in range(7)]

    def line(self) -> list[str]:
        keys = (
            '{"identities":[{"name":"t","credentials":[{"accessKey":"sohoa-test","secretKey":"sohoa-test-secret"}],"actions":["Admin"]}]}'
        )
        (self.folder / "s3.json").write_text(keys)
        master, master_grpc, volume, volume_grpc, filer, filer_grpc, s3_grpc = self.ports
        return [
            str(Path(sys.executable).with_name("weed")),
            "server",
            f"-dir={self.folder}",
            "-ip=127.0.0.1",
            "-ip.bind=127.0.0.1",
            f"-master.port={master}",
            f"-master.port.grpc={master_grpc}",
            f"-volume.port={volume}",
            f"-volume.port.grpc={volume_grpc}",
            "-filer",
            f"-filer.port={filer}",
            f"-filer.port.grpc={filer_grpc}",
            "-s3",
            f"-s3.port={self.port}",
            f"-s3.port.grpc={s3_grpc}",
            f"-s3.config={self.folder}/s3.json",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-s3.port.lance=0",
            "-volume.max=1000",
            # Alone it need not wait to be elected, which takes a quarter of a minute after every restart.
            "-master.peers=none",
            "-master.volumeSizeLimitMB=64",
            "-master.volumePreallocate=false",
        ]

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def bucket(self) -> str:
        name = f"t{uuid4().hex[:12]}"
        import obstore
        from obstore.store import S3Store

        # The server makes a bucket with the first object that is put into it by an administrator.
        store = S3Store(
            name,
            endpoint=f"http://127.0.0.1:{self.port}",
            access_key_id=self.KEYS["AWS_ACCESS_KEY_ID"],
            secret_access_key=self.KEYS["AWS_SECRET_ACCESS_KEY"],
            region="us-east-1",
            client_options={"allow_http": True},
        )
        obstore.put(store, "hello", b"x")
        obstore.delete(store, "hello")
        return f"s3://{name}?endpoint=http://127.0.0.1:{self.port}"
