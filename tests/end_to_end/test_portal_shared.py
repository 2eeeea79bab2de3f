"""The portal's HTTP door on shared servers: PostgreSQL, S3 and Redis, with a worker of its own that dies in between."""

import hashlib
import os
import socket
import subprocess
from pathlib import Path

import httpx

TOKEN = "token-of-an-office"


def test_an_upload_goes_past_the_server_and_survives_its_worker(
    sohoa, postgres, s3, redis_server, drawn: Path, tmp_path: Path, until
) -> None:
    config = tmp_path / "config.toml"
    known = hashlib.sha256(TOKEN.encode()).hexdigest()
    config.write_text(
        f'broker = "{redis_server.address}"\nredeliver_seconds = 5\nlease_seconds = 4\n'
        f'[storage]\nrecords = "{postgres.database()}"\nobjects = "{s3.bucket()}"\n'
        f'[api.offices.phuong_a]\ntokens = ["{known}"]\nidentities = ["can_bo"]\n'
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *args: str) -> "subprocess.Popen[bytes]":
        env = {**os.environ, **s3.KEYS, "SOHOA_CONFIG": str(config), "SOHOA_HOME": str(tmp_path / name)}
        with (tmp_path / f"{name}.txt").open("wb") as said:
            started.append(subprocess.Popen([*sohoa.line, *args], env=env, stdout=said, stderr=said))
        return started[-1]

    def lives() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok"
        except httpx.TransportError:
            return False

    try:
        start("server", "serve", "--only", "api", "--port", str(port))
        first = start("first", "worker", "--jobs", "1")
        until(lives, 60)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60) as client:
            for level in ("t", "lt"):  # these settings name no timestamp service
                refused = client.post("/v1/batches", json={"sign": "can_bo", "level": level}).json()
                assert refused["code"] == "timestamp_missing"
            body = (drawn / "decision.clean.pdf").read_bytes()
            place = client.post("/v1/uploads", json={"name": "a.pdf"}).json()
            assert str(s3.port) in place["url"]  # the S3 server's own address, signed
            assert httpx.put(place["url"], content=body).status_code == 200
            key = {"Idempotency-Key": "one"}
            (document,) = client.post("/v1/documents", json={"upload": place["upload"]}, headers=key).json()["documents"]
            first.kill()
            again = client.post("/v1/documents", json={"upload": place["upload"]}, headers=key).json()["documents"]
            assert again[0]["id"] == document["id"]
            start("second", "worker", "--jobs", "1")
            url = f"/v1/documents/{document['id']}"
            until(lambda: client.get(url).json()["status"] != "waiting", 120)
            done = client.get(url).json()
            assert done["status"] in ("done", "review"), done
            pdf = next(result for result in done["results"] if result["name"] == "document.pdf")
            assert hashlib.sha256(client.get(pdf["url"]).content).hexdigest() == pdf["sha256"]
            assert "sohoa_workers" in client.get("/metrics").text
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)
