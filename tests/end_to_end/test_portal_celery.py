"""The Celery door: every task by name on a real Redis, called by the example client, which imports nothing of ours."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from signing.trial import trial_pki

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_a_portal_reads_extracts_signs_certifies_and_verifies_by_name(sohoa, redis_server, drawn: Path, tmp_path: Path) -> None:
    pki = trial_pki(tmp_path / "pki")
    sohoa.home.mkdir(parents=True)
    names = {"can_bo": "officer", "co_quan": "agency"}
    text = "".join(f'[identities.{name}]\npath = "{pki.folder}/{file}.p12"\ntrial = true\n' for name, file in names.items())
    (sohoa.home / "config.toml").write_text(f'[trust]\nfolder = "{pki.trust}"\n{text}')
    env = {**sohoa.env, **{f"SOHOA_PASSPHRASE_{name.upper()}": pki.passphrase.decode() for name in names}}
    line = [*sohoa.line, "worker", "--broker", redis_server.address, "--jobs", "1", "--sign", "can_bo", "--agency", "co_quan"]
    with (tmp_path / "said.txt").open("wb") as said:
        worker = subprocess.Popen(line, env=env, stdout=said, stderr=said)
    try:
        client = [sys.executable, "-I", str(EXAMPLES / "portal_celery.py"), redis_server.address, str(tmp_path / "out")]
        done = subprocess.run([*client, str(drawn / "decision.clean.pdf"), "can_bo"], capture_output=True, text=True, timeout=150, cwd="/")
        assert done.returncode == 0, done.stderr[-2000:] + (tmp_path / "said.txt").read_text()[-2000:]
        row, fields, signed, verdict = map(json.loads, done.stdout.splitlines())
        assert row["status"] in ("done", "review")
        assert fields["template"] == "van_ban_hanh_chinh"
        assert fields["fields"] > 5
        assert Path(signed["path"]).is_file()
        assert verdict == {"verdict": "valid", "integrity": "intact"}

        from celery import Celery

        app = Celery(broker=redis_server.address, backend=redis_server.address)

        def call(task: str, queue: str, id: str | None = None, **kwargs: object) -> dict[str, object]:
            answer: dict[str, object] = app.send_task(task, kwargs=kwargs, queue=f"sohoa.{queue}", task_id=id).get(timeout=60)
            return answer

        refused = call("sohoa.verify", "reading", path=str(drawn / "decision.clean.pdf"), polcy="x")
        assert (refused["status"], refused["error_code"]) == ("failed", "request_invalid")
        assert call("sohoa.verify", "reading", path="/nowhere.pdf")["error_code"] == "file_unreadable"
        wish = {"path": str(drawn / "decision.clean.pdf"), "out": str(tmp_path / "once.pdf"), "identity": "can_bo"}
        first = call("sohoa.sign", "signing.can_bo", id="the-same-message", **wish)
        assert call("sohoa.sign", "signing.can_bo", id="the-same-message", **wish)["sha256"] == first["sha256"]
        assert call("sohoa.sign", "signing.can_bo", **{**wish, "identity": "khac"})["error_code"] == "key_not_here"
        open_list = call(
            "sohoa.certify",
            "signing.can_bo",
            path=wish["path"],
            out=str(tmp_path / "copies"),
            original={"title": "Quyết định", "pages": 1, "place": "X", "officer": "A", "position": "B", "agency": "C"},
            checklist={},
            certifier="can_bo",
            agency="co_quan",
        )
        assert open_list["error_code"] == "checklist_open"
        # Of an extraction nothing stays.
        assert not list((sohoa.home / "worker" / "work" / "extract").glob("*"))
    finally:
        worker.send_signal(signal.SIGTERM)
        worker.wait(30)


def test_the_published_schemas_are_those_that_arguments_are_checked_against(sohoa) -> None:
    published = json.loads(sohoa("serve", "--schemas").stdout)
    assert published["openapi"]["openapi"].startswith("3.1")
    tasks = published["tasks"]["tasks"]
    assert set(tasks) == {"sohoa.digitise", "sohoa.extract", "sohoa.verify", "sohoa.sign", "sohoa.certify"}
    sign = published["tasks"]["$defs"][tasks["sohoa.sign"]["kwargs"]["$ref"].rpartition("/")[2]]
    assert set(sign["required"]) == {"path", "out", "identity"}
    assert sign["additionalProperties"] is False
