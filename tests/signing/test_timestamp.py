import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import sleep

import pytest
from asn1crypto import tsp

from signing.finish import token
from signing.keyholder import KeyProcess
from signing.model import Facts
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.timestamp import TimestampClient, timestamp_request
from signing.trial_server import Answering, serving
from signing.trial_tsa import Refusal
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules


def client(url: str, seconds: float = 2.0) -> tuple[TimestampClient, list[float]]:
    pauses: list[float] = []
    return TimestampClient(url, NetworkClient(NetworkRules(loopback=True, seconds=seconds)), sleep=pauses.append), pauses


@contextmanager
def server(statuses: list[int], media_type: str = "application/timestamp-reply") -> Iterator[tuple[str, list[bytes]]]:
    """Answers each request with the next status and the request's own bytes."""
    asked: list[bytes] = []

    class Handler(Answering):
        def do_POST(self) -> None:
            asked.append(self.asked())
            self.answer(statuses[min(len(asked), len(statuses)) - 1], asked[-1], media_type)

    with serving(Handler) as url:
        yield f"{url}/", asked


def test_a_token_answers_its_request(tsa: TimestampClient) -> None:
    request = timestamp_request(b"signature value")
    content = token(request, tsa(request))["content"]["encap_content_info"]["content"].parsed
    assert isinstance(content, tsp.TSTInfo)
    assert content["nonce"].native == tsp.TimeStampReq.load(request)["nonce"].native


def test_two_requests_for_one_signature_differ() -> None:
    assert timestamp_request(b"x") != timestamp_request(b"x")


def test_a_token_over_another_signature_is_refused(tsa: TimestampClient) -> None:
    answer = tsa(timestamp_request(b"one"))
    with pytest.raises(SohoaError, match="tsa_failed"):
        token(timestamp_request(b"other"), answer)


def test_a_rejection_is_no_token() -> None:
    rejected = Refusal({"status": {"status": "rejection"}}).dump()
    with pytest.raises(SohoaError, match="tsa_failed"):
        token(timestamp_request(b"x"), rejected)


def test_a_busy_authority_is_asked_again_after_growing_pauses() -> None:
    with server([503, 503, 200]) as (url, asked):
        timestamp, pauses = client(url)
        assert timestamp(b"request") == b"request"
    assert len(asked) == 3
    assert pauses == [2.0, 4.0]


def test_three_failures_are_enough() -> None:
    with server([500]) as (url, asked):
        timestamp, _ = client(url)
        with pytest.raises(SohoaError, match="tsa_failed"):
            timestamp(b"request")
    assert len(asked) == 3


def test_a_page_instead_of_a_token_is_not_taken() -> None:
    with server([200], "text/html") as (url, _):
        timestamp, _ = client(url)
        with pytest.raises(SohoaError, match="tsa_failed"):
            timestamp(b"request")


def test_an_authority_inside_our_network_is_asked_no_second_time() -> None:
    pauses: list[float] = []
    timestamp = TimestampClient("http://127.0.0.1:9/", NetworkClient(NetworkRules(seconds=2)), sleep=pauses.append)
    with pytest.raises(SohoaError, match="tsa_failed"):
        timestamp(b"request")
    assert pauses == []


def test_a_silent_authority_leaves_no_signed_file(
    born_digital: Path, tmp_path: Path, officer: KeyProcess, child: Child, now: datetime
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        timestamp, pauses = client(f"http://127.0.0.1:{silent.getsockname()[1]}/", seconds=0.3)
        with pytest.raises(SohoaError, match="tsa_failed"):
            sign_file(born_digital, tmp_path / "s.pdf", officer, load_profile("invisible"), "t", child, timestamp, Facts(now))
    assert len(pauses) == 2
    assert list(tmp_path.iterdir()) == []


def test_no_more_than_four_calls_are_under_way_at_once() -> None:
    class Counting(NetworkClient):
        under_way = 0
        most = 0
        lock = threading.Lock()

        def post(self, url: str, body: bytes, media_type: str, headers: object = None) -> object:  # type: ignore[override]
            with self.lock:
                type(self).under_way += 1
                type(self).most = max(self.most, self.under_way)
            sleep(0.05)
            with self.lock:
                type(self).under_way -= 1
            raise SohoaError("net_host")

    timestamp = TimestampClient("http://tsa.example/", Counting())

    def ask() -> None:
        with pytest.raises(SohoaError):
            timestamp(b"x")

    threads = [threading.Thread(target=ask) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counting.most == 4
