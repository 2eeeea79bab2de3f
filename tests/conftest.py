"""What all tests share: the same inputs in every run, so that a red run can be repeated, and real servers.

`HYPOTHESIS_PROFILE=explore` looks for new ones.
"""

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sohoa_test_{name}", Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


servers = _beside("servers")


def _served(kind: str) -> Iterator[object]:
    server = getattr(servers, kind)()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[object]:
    """PostgreSQL for the whole session; `postgres.database()` is the address of a new empty database."""
    yield from _served("Postgres")


@pytest.fixture(scope="session")
def rabbit() -> Iterator[object]:
    """RabbitMQ for the whole session, at `rabbit.address`."""
    yield from _served("Rabbit")


@pytest.fixture(scope="session")
def verapdf() -> Iterator[object]:
    """`verapdf(path)` are the rules of PDF/A-2b that a file breaks, by the reference validator; none when it conforms."""
    checker = _beside("verapdf").VeraPdf()
    try:
        yield checker
    finally:
        checker.close()


@pytest.fixture
def redis_server() -> Iterator[object]:
    """Redis of one test, at `redis_server.address`."""
    yield from _served("Redis")


@pytest.fixture(scope="session")
def s3() -> Iterator[object]:
    """An S3 server for the whole session; `s3.bucket()` is the address of a new bucket, its keys are `s3.KEYS`."""
    yield from _served("S3")


@pytest.fixture
def until():
    """Wait for something to become true."""
    return servers.until
