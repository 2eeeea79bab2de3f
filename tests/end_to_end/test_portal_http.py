"""`sohoa serve` as a portal meets it: a real server, real uploads, a real webhook receiver."""

import base64
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from fpdf import FPDF

from pipeline.certify import checklist
from pipeline.edxml import unpack
from pipeline.portal.archive import ArchiveClient
from signing.trial import TrialPki, trial_pki
from signing.trial_authority import trial_authority
from signing.trial_tsa import trial_tsa
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
OFFICE = "Ủy ban nhân dân xã Thử Nghiệm"
TOKEN, OTHER = "token-of-the-first-office", "token-of-the-second-office"
SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


@dataclass
class Receiver:
    """A portal's webhook address; answers with `status`."""

    status: int = 204
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    state = Receiver()

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(({key.lower(): value for key, value in self.headers.items()}, body))
            self.send_response(state.status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    state.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Portal:
    url: str
    home: Path
    env: dict[str, str]
    process: "subprocess.Popen[bytes]"

    def client(self, token: str = TOKEN) -> httpx.Client:
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TrialPki, str]]:
    """Certificates whose revocation can be asked for, and the address of a timestamp service."""
    folder = tmp_path_factory.mktemp("pki")
    with trial_authority(folder) as address:
        made = trial_pki(folder, address)
        with trial_tsa(made) as url:
            yield made, url


@pytest.fixture(scope="module")
def pki(authority: tuple[TrialPki, str]) -> TrialPki:
    return authority[0]


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, receiver: Receiver, authority: tuple[TrialPki, str], drawn: Path) -> Iterator[Portal]:
    pki, tsa = authority
    home = tmp_path_factory.mktemp("portal")

    class Files(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(drawn))

        def log_message(self, format: str, *args: object) -> None: ...

    files = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=files.serve_forever, daemon=True).start()
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in (TOKEN, OTHER)]
    (home / "config.toml").write_text(f"""
[trust]
folder = "{pki.trust}"
[limits]
file_megabytes = 3
[offices.phuong_b]
most_waiting = 1
[identities.can_bo]
path = "{pki.folder}/officer.p12"
trial = true
[identities.co_quan]
path = "{pki.folder}/agency.p12"
trial = true
[identities.con_dau]
path = "{pki.folder}/seal.p12"
trial = true
[timestamp]
url = "{tsa}"
allow_loopback = true
[certify]
level = "lt"
[seal]
identity = "con_dau"
[api]
fetch_hosts = ["127.0.0.1"]
allow_loopback = true
[api.offices.phuong_a]
tokens = ["{hashes[0]}"]
identities = ["can_bo", "co_quan"]
webhook = "http://127.0.0.1:{receiver.port}/hook"
[api.offices.phuong_b]
tokens = ["{hashes[1]}"]
""")
    passphrases = {f"SOHOA_PASSPHRASE_{name}": pki.passphrase.decode() for name in ("CAN_BO", "CO_QUAN", "CON_DAU")}
    env = {
        **os.environ,
        **passphrases,
        "SOHOA_HOME": str(home),
        "SOHOA_WEBHOOK_SECRET_PHUONG_A": f"whsec_{SECRET}",
        "PYTHONUNBUFFERED": "1",
    }
    line = [sys.executable, "-P", "-m", "sohoa", "certify", "seal-key", "--name", OFFICE]
    (pki.trust / "seal-issuers.yaml").write_bytes(subprocess.run(line, env=env, stdout=subprocess.PIPE, check=True).stdout)
    env["FILES"] = str(files.server_address[1])
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-P", "-m", "sohoa", "serve", "--port", str(port), "--jobs", "1", "--sign", "can_bo", "--sign", "co_quan"]
    with (home / "said.txt").open("wb") as said:
        process = subprocess.Popen(line, env=env, stdout=said, stderr=said)
    url = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            assert httpx.get(f"{url}/healthz").text == "ok"
            break
        except httpx.TransportError:
            assert process.poll() is None, (home / "said.txt").read_text()
            time.sleep(0.1)
    yield Portal(url, home, env, process)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    files.shutdown()
    files.server_close()
    said_text = (home / "said.txt").read_text()
    assert "Traceback" not in said_text, said_text


@pytest.fixture(scope="module")
def first(portal: Portal, drawn: Path) -> dict[str, Any]:
    """One paper, handed in as a portal would and read to the end."""
    with portal.client() as client:
        body = (drawn / "decision.clean.pdf").read_bytes()
        headers = {"Idempotency-Key": "first", "Content-Type": "application/pdf"}
        answer = client.post("/v1/documents", params={"name": "quyết định.pdf"}, content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        return over(client, answer.json()["documents"][0]["id"])


def over(client: httpx.Client, id: str) -> dict[str, Any]:
    for _ in range(900):
        found: dict[str, Any] = client.get(f"/v1/documents/{id}").json()
        if found["status"] != "waiting":
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")


def events(client: httpx.Client, url: str, last: str = "") -> list[tuple[str, str, dict[str, Any]]]:
    """(id, event, data) of a stream that ends."""
    found = []
    with client.stream("GET", url, headers={"Last-Event-ID": last}) as stream:
        for block in "\n".join(stream.iter_lines()).split("\n\n"):
            lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(":"))
            if "event" in lines:
                found.append((lines.get("id", ""), lines["event"], json.loads(lines["data"])))
    return found


def test_what_was_handed_in_is_read_and_fetched_in_ranges_by_its_hash(portal: Portal, first: dict[str, Any]) -> None:
    assert first["status"] in ("done", "review")
    assert (first["source"], first["template"]) == ("quyết định.pdf", "van_ban_hanh_chinh")
    results = {result["name"]: result for result in first["results"]}
    with portal.client() as client:
        for name in ("document.pdf", "document.json", "document.txt"):
            answer = client.get(results[name]["url"])
            assert hashlib.sha256(answer.content).hexdigest() == results[name]["sha256"]
            assert answer.headers["etag"] == f'"{results[name]["sha256"]}"'
        part = client.get(results["document.pdf"]["url"], headers={"Range": "bytes=0-4"})
        assert (part.status_code, part.content) == (206, b"%PDF-")
        assert client.get(f"/v1/documents/{first['id']}/fields").json()["template"] == "van_ban_hanh_chinh"
        assert client.get("/v1/search", params={"q": "quyet dinh"}).json()["hits"]
        assert client.get(f"/v1/documents/{first['id']}/results/../../../config.toml").status_code == 404


def test_the_same_key_gives_the_same_answer_and_another_request_is_refused(portal: Portal, first: dict[str, Any], drawn: Path) -> None:
    body = (drawn / "decision.clean.pdf").read_bytes()
    headers = {"Idempotency-Key": "first", "Content-Type": "application/pdf"}
    with portal.client() as client:
        again = client.post("/v1/documents", params={"name": "quyết định.pdf"}, content=body, headers=headers)
        assert again.headers["idempotency-replayed"] == "true"
        assert again.json()["documents"][0]["id"] == first["id"]
        other = client.post("/v1/documents", params={"name": "quyết định.pdf"}, content=body + b"\n", headers=headers)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
        assert other.headers["content-type"] == "application/problem+json"
        assert other.json()["text_vi"] and other.json()["next_en"]


def test_the_same_key_at_the_same_time_is_one_document(portal: Portal, drawn: Path) -> None:
    body = (drawn / "bad.truncated.pdf").read_bytes()

    def hand_in(_: int) -> str:
        with portal.client() as client:
            answer = client.post("/v1/documents", params={"name": "x.pdf"}, content=body, headers={"Idempotency-Key": "at once"})
            return str(answer.json()["documents"][0]["id"])

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(hand_in, range(6)))) == 1


def test_an_office_sees_its_own_and_nothing_else(portal: Portal, first: dict[str, Any]) -> None:
    assert httpx.get(f"{portal.url}/v1/batches").json()["code"] == "access_token_missing"
    with portal.client("wrong") as client:
        assert client.get("/v1/batches").status_code == 401
    with portal.client(OTHER) as client:
        assert client.get("/v1/batches").json() == {"batches": []}
        for path in (f"documents/{first['id']}", f"batches/{first['batch']}", f"documents/{first['id']}/results/document.pdf"):
            assert client.get(f"/v1/{path}").json()["code"] == "not_found_here"
        assert client.post(f"/v1/batches/{first['batch']}/cancel").status_code == 404
        assert client.get("/v1/search", params={"q": "quyet dinh"}).json()["hits"] == []
        assert client.get("/v1/webhooks/undelivered").json() == {"undelivered": []}


def test_a_file_is_dropped_once_at_an_address_that_was_given_out(portal: Portal, drawn: Path) -> None:
    body = (drawn / "bad.encrypted.pdf").read_bytes()
    with portal.client() as client:
        place = client.post("/v1/uploads", json={"name": "a.pdf", "sha256": hashlib.sha256(body).hexdigest()}).json()
        assert client.post("/v1/documents", json={"upload": place["upload"]}).json()["code"] == "upload_missing"
        with httpx.Client() as anybody:  # the address is the permission
            assert anybody.put(re.sub("signature=.", "signature=x", place["url"]), content=body).json()["code"] == "upload_expired"
            assert anybody.put(place["url"], content=body).status_code == 204
            assert anybody.put(place["url"], content=body).json()["code"] == "upload_expired"
        taken = client.post("/v1/documents", json={"upload": place["upload"]}).json()["documents"][0]
        assert over(client, taken["id"])["error_code"] == "pdf_encrypted"
        wrong = client.post("/v1/uploads", json={"name": "b.pdf", "sha256": "0" * 64}).json()
        httpx.put(wrong["url"], content=body)
        assert client.post("/v1/documents", json={"upload": wrong["upload"]}).json()["code"] == "upload_differs"


def test_a_file_is_fetched_from_an_allowed_server_only(portal: Portal, drawn: Path) -> None:
    with portal.client() as client:
        url = f"http://127.0.0.1:{portal.env['FILES']}/bad.truncated.pdf"
        taken = client.post("/v1/documents", json={"url": url}).json()["documents"][0]
        assert taken["sha256"] == hashlib.sha256((drawn / "bad.truncated.pdf").read_bytes()).hexdigest()
        assert client.post("/v1/documents", json={"url": "http://localhost/x.pdf"}).json()["code"] == "net_host"
        assert client.post("/v1/documents", json={"url": "file:///etc/passwd"}).json()["code"] == "net_scheme"
        assert client.post("/v1/documents", json={"url": url + "x"}).json()["code"] == "upload_not_fetched"


def test_pages_are_told_as_they_come_and_a_broken_stream_goes_on(portal: Portal, drawn: Path) -> None:
    with portal.client() as client:
        sent = [("file", ("a.pdf", (drawn / "ct01.clean.pdf").read_bytes())), ("file", ("b.pdf", b""))]
        good, bad = client.post("/v1/documents", files=sent).json()["documents"]
        assert (bad["status"], bad["error_code"]) == ("failed", "file_empty")
        told = events(client, f"/v1/documents/{good['id']}/events")
        assert [kind for _, kind, _ in told][-2:] == ["document", "end"]
        pages = [data["page"] for _, kind, data in told if kind == "page"]
        assert sorted(pages) == list(range(1, told[-2][2]["pages"] + 1))
        rest = events(client, f"/v1/documents/{good['id']}/events", told[0][0])
        assert [data["page"] for _, kind, data in rest if kind == "page"] == pages[1:]
        assert events(client, f"/v1/documents/{good['id']}/events", told[-2][0]) == []
        whole = events(client, f"/v1/batches/{good['batch']}/events")
        assert [data["id"] for _, kind, data in whole if kind == "document"] == [good["id"]]
        assert whole[-1][1] == "end"
        states = client.get(f"/v1/documents/{good['id']}/pages").json()["pages"]
        assert {page["state"] for page in states} == {"done"}


def test_a_batch_is_opened_filled_cancelled_and_tried_again(portal: Portal, drawn: Path) -> None:
    with portal.client() as client:
        headers = {"Idempotency-Key": "a batch"}
        batch = client.post("/v1/batches", json={"priority": "bulk"}, headers=headers).json()
        assert client.post("/v1/batches", json={"priority": "bulk"}, headers=headers).json() == batch
        bad = (drawn / "bad.encrypted.pdf").read_bytes()
        (one,) = client.post("/v1/documents", params={"batch": batch["id"]}, files={"file": ("x.pdf", bad)}).json()["documents"]
        assert over(client, one["id"])["error_code"] == "pdf_encrypted"
        assert client.get(f"/v1/batches/{batch['id']}").json()["exit_code"] == 1
        assert client.post(f"/v1/batches/{batch['id']}/retry").json() == {"retried": 1}
        assert over(client, one["id"])["error_code"] == "pdf_encrypted"
        client.post(f"/v1/batches/{batch['id']}/cancel")
        again = client.post("/v1/documents", params={"batch": batch["id"]}, files={"file": ("y.pdf", bad)})
        assert (again.status_code, again.json()["code"]) == (409, "batch_cancelled")
        assert client.post("/v1/batches", json={"priority": "x"}).json()["code"] == "request_invalid"
        assert client.post("/v1/batches", json={"sign": "khac"}).json()["code"] == "identity_not_allowed"
        assert client.post("/v1/batches", json={"sign": "co_quan"}).json()["code"] == "key_not_here"


def test_too_much_is_refused(portal: Portal, drawn: Path) -> None:
    with portal.client(OTHER) as client:
        large = client.post("/v1/documents", content=b"%PDF-" + bytes(5 << 20), headers={"Content-Type": "application/pdf"})
        assert (large.status_code, large.json()["code"]) == (413, "file_too_large")
        page = (drawn / "birth-registration.scan200.jpg").read_bytes()
        answers = [client.post("/v1/documents", files={"file": (f"{n}.jpg", page + bytes(n))}) for n in range(3)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused[0].json()["code"] == "quota_full"
        assert int(refused[0].headers["retry-after"]) > 0
        for batch in client.get("/v1/batches").json()["batches"]:
            client.post(f"/v1/batches/{batch['id']}/cancel")


def test_a_result_is_signed_once_and_verified(portal: Portal, first: dict[str, Any]) -> None:
    with portal.client() as client:
        wish = {"identity": "can_bo"}
        signed = client.post(f"/v1/documents/{first['id']}/sign", json=wish).json()
        assert (signed["verdict"]["verdict"], signed["trial"]) == ("valid", True)
        assert client.post(f"/v1/documents/{first['id']}/sign", json=wish).json() == {"sha256": signed["sha256"], "already": True}
        pdf = client.get(f"/v1/documents/{first['id']}/results/signed.pdf").content
        verdict = client.post("/v1/verify", files={"file": ("x.pdf", pdf)}).json()
        assert (verdict["verdict"], verdict["file"]) == ("valid", "x.pdf")
        assert client.post("/v1/verify", params={"policy": "../x"}, content=pdf).json()["code"] == "request_invalid"
        assert client.post(f"/v1/documents/{first['id']}/sign", json={"identity": "khac"}).json()["code"] == "identity_not_allowed"


@pytest.mark.parametrize(("level", "named"), [("t", "B-T"), ("lt", "B-LT"), ("lta", "B-LTA")])
def test_a_result_is_signed_at_the_level_that_is_asked_for(portal: Portal, drawn: Path, level: str, named: str) -> None:
    with portal.client() as client:
        body = (drawn / "decision.clean.pdf").read_bytes()
        batch = client.post("/v1/batches", json={"sign": "can_bo", "level": level}, headers={"Idempotency-Key": named}).json()
        handed = client.post("/v1/documents", params={"batch": batch["id"]}, files={"file": (f"{named}.pdf", body)}).json()
        done = over(client, handed["documents"][0]["id"])
        assert (done["status"], done["error_code"]) == ("done", None)
        signed = client.get(f"/v1/documents/{done['id']}/results/signed.pdf").content
        verdict = client.post("/v1/verify", files={"file": ("x.pdf", signed)}).json()
        assert (verdict["verdict"], verdict["signatures"][0]["level"]) == ("valid", named)
        later = client.post(
            "/v1/documents", content=body + b"\n", params={"name": f"{named}.pdf"}, headers={"Idempotency-Key": f"{named} 1"}
        )
        one = over(client, later.json()["documents"][0]["id"])
        report = client.post(f"/v1/documents/{one['id']}/sign", json={"identity": "can_bo", "level": level}).json()
        assert (report["level"], report["verdict"]["signatures"][0]["level"]) == (level, named)


def test_a_batch_that_is_to_be_signed_is_signed_where_the_key_is(portal: Portal) -> None:
    pdf = FPDF()
    pdf.set_font("Helvetica", size=12)
    pdf.add_page()
    pdf.multi_cell(0, 8, "Van ban mot trang.")
    with portal.client() as client:
        batch = client.post("/v1/batches", json={"sign": "can_bo"}, headers={"Idempotency-Key": "to be signed"}).json()
        body = {"file": ("van ban.pdf", bytes(pdf.output()))}
        (one,) = client.post("/v1/documents", params={"batch": batch["id"]}, files=body).json()["documents"]
        done = over(client, one["id"])
        assert (done["status"], done["error_code"]) == ("done", None)
        signed = client.get(f"/v1/documents/{one['id']}/results/signed.pdf").content
        assert client.post("/v1/verify", files={"file": ("x.pdf", signed)}).json()["verdict"] == "valid"


def test_a_document_is_certified_with_one_number(portal: Portal, first: dict[str, Any]) -> None:
    facts = {"title": "Quyết định", "pages": first["pages"], "place": OFFICE, "position": "Chủ tịch", "agency": OFFICE}
    wish = {
        "original": {**facts, "officer": "Nguyễn Thị Ví Dụ"},
        "checklist": {key: True for key, _, _ in checklist()},
        "certifier": "can_bo",
        "agency": "co_quan",
    }
    with portal.client() as client:
        url = f"/v1/documents/{first['id']}"
        assert client.post(f"{url}/certify", json={**wish, "checklist": {}}).json()["code"] == "checklist_open"
        report = client.post(f"{url}/certify", json=wish).json()
        assert (report["number"], report["verdict"], report["qr_seal"]) == (1, "valid", "sound")
        assert client.post(f"{url}/certify", json=wish).json()["sha256"] == report["sha256"]
        pdf = client.get(f"{url}/results/certified.pdf").content
        assert hashlib.sha256(pdf).hexdigest() == report["sha256"]
        verdict = client.post("/v1/verify", params={"policy": "certified-copy"}, files={"file": ("x.pdf", pdf)}).json()
        assert verdict["certified_copy"]["number"] == "1"
        assert {one["level"] for one in verdict["signatures"] if one["kind"] == "signature"} == {"B-LT"}


def test_events_reach_the_office_signed_with_one_id(portal: Portal, first: dict[str, Any], receiver: Receiver, until: Any) -> None:
    def mine() -> list[tuple[dict[str, str], bytes]]:
        return [one for one in receiver.got if json.loads(one[1])["data"]["document"] == first["id"]]

    until(mine, 20)
    headers, body = mine()[0]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(base64.b64decode(SECRET), content, "sha256").digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
    told = json.loads(body)
    assert (told["type"], told["data"]["status"]) == ("document.finished", first["status"])
    assert "quyết" not in body.decode()  # ids and codes, nothing of a paper


def test_an_archive_takes_documents_once_and_gives_them_back(portal: Portal, first: dict[str, Any]) -> None:
    """Công văn 7197/BKHCN-CĐSQG: our client hands over to our server."""
    archive = ArchiveClient(f"{portal.url}/api/v1/documents", NetworkClient(NetworkRules(loopback=True)), TOKEN)
    metadata = {
        "DocCode": "G06.01_CV_000021_V1",
        "TypeName": "Quyết định",
        "CodeNumber": "12",
        "CodeNotation": "QĐ-UBND",
        "IssuedDate": "2026-03-02",
        "OrganName": "Ủy ban nhân dân phường A",
        "Subject": "Về việc thử nghiệm",
    }
    with portal.client() as client:
        pdf = client.get(f"/v1/documents/{first['id']}/results/document.pdf").content
        archive.hand_over(metadata, "a.pdf", pdf)
        archive.hand_over({**metadata, "Subject": "Về việc khác"}, "a.pdf", pdf)
        url = "/api/v1/documents"
        assert client.get(f"{url}/{metadata['DocCode']}").json()["Subject"] == "Về việc khác"
        assert client.get(f"{url}/download/{metadata['DocCode']}").content == pdf
        with pytest.raises(SohoaError, match="doc_code_taken"):
            archive.hand_over(metadata, "a.pdf", pdf + b"\n")
        with pytest.raises(SohoaError, match="metadata_not_ready"):
            archive.hand_over({**metadata, "CodeNumber": "1" * 12}, "a.pdf", pdf)
        refused = client.post(f"{url}/import", data={"metadata": "{}"}, files={"file": ("a.pdf", pdf)})
        assert (refused.status_code, refused.json()["code"]) == (422, "metadata_not_ready")
        assert client.put(f"{url}/{metadata['DocCode']}", json={**metadata, "DocCode": "x"}).json()["code"] == "metadata_not_ready"
    with portal.client(OTHER) as other:
        assert other.get(f"/api/v1/documents/{metadata['DocCode']}").status_code == 404


def test_a_document_gives_its_record_and_its_package(portal: Portal, first: dict[str, Any]) -> None:
    with portal.client() as client:
        answer = client.get(f"/v1/documents/{first['id']}/metadata")
        assert answer.json()["PageAmount"] == first["pages"]
        assert "DocCode" in answer.headers["sohoa-lacking"]  # no office identifier is set here
        package = unpack(client.get(f"/v1/documents/{first['id']}/metadata", params={"format": "edxml"}).content)
        assert package.attachments[0].content.startswith(b"%PDF-")
        assert package.values["MessageHeader/DocumentType/TypeName"] == ("Quyết định",)


def test_the_check_page_stands_beside_the_interface(portal: Portal) -> None:
    assert "Kiểm tra" in httpx.get(f"{portal.url}/").text
    description = httpx.get(f"{portal.url}/v1/openapi.json").json()
    assert description["openapi"].startswith("3.1")
    assert "sohoa_units" in httpx.get(f"{portal.url}/metrics").text
    assert "quota_full" in httpx.get(f"{portal.url}/v1/codes").json()


def test_the_example_client_hands_in_and_fetches(portal: Portal, drawn: Path, tmp_path: Path) -> None:
    line = [sys.executable, "-I", str(EXAMPLES / "portal_http.py"), portal.url, TOKEN, str(tmp_path / "out")]
    done = subprocess.run([*line, str(drawn / "decision.clean.pdf")], capture_output=True, text=True, timeout=120, cwd="/")
    assert done.returncode == 0, done.stderr
    (folder,) = (tmp_path / "out").iterdir()
    assert (folder / "document.pdf").read_bytes().startswith(b"%PDF-")


def test_a_token_is_made_with_the_hash_for_the_settings(sohoa) -> None:
    token, setting = sohoa("serve", "--new-token").stdout.splitlines()
    assert hashlib.sha256(token.encode()).hexdigest() in setting


def test_copies_with_evidence_want_a_timestamp_service_from_the_start(sohoa, pki: TrialPki) -> None:
    """Before a number is taken for a copy that could not be finished."""
    sohoa.home.mkdir(parents=True)
    names = {"can_bo": "officer", "co_quan": "agency"}
    identities = "".join(f'[identities.{name}]\npath = "{pki.folder}/{file}.p12"\ntrial = true\n' for name, file in names.items())
    (sohoa.home / "config.toml").write_text(f'{identities}[certify]\nlevel = "lt"\n[api.offices.phuong_a]\ntokens = []\n')
    assert "[timestamp_missing]" in sohoa("serve", "--port", "1", "--sign", "can_bo", "--sign", "co_quan", code=2).stderr
