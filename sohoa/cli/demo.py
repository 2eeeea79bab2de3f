"""`sohoa demo`: the whole way on made-up papers, with made-up keys, in one folder.

Scans, photos and PDFs become searchable PDF/A and data; what needs no review is signed with a timestamp; a certificate
becomes an electronic certified copy; everything is verified; bad inputs are refused with their codes.
"""

import argparse
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from importlib.resources import files
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct, field

from sohoa.errors import ExitCode, SohoaError

if TYPE_CHECKING:
    from pipeline.certify import Certified
    from signing.keyholder import KeyProcess
    from signing.timestamp import TimestampClient
    from verification.model import Verdict

_CERTIFIED = "certificate.scan300.jpg"
_BY_TASK = "ct01.clean.pdf"
_STATUS = {"done": "hoàn thành", "review": "cần xem lại", "partial": "một phần", "failed": "từ chối"}
_VERDICT = {"valid": "HỢP LỆ", "invalid": "KHÔNG HỢP LỆ", "indeterminate": "KHÔNG XÁC ĐỊNH", "unsigned": "chưa ký", None: "–"}


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa demo`."""
    parser.add_argument("-o", "--out", type=Path, default=Path("demo-out"), metavar="OUT", help="thư mục kết quả · output folder")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="số tiến trình đọc · workers")


class _Outcome(Struct):
    """What the demo saw. `wrong` holds what should have worked and did not."""

    rows: tuple[dict[str, Any], ...] = ()
    certified: "Certified | None" = None
    tampered: "Verdict | None" = None
    page_verdict: str | None = None
    task_row: dict[str, Any] | None = None
    wrong: list[str] = field(default_factory=list)


class _Office(Struct, frozen=True):
    """The demo's made-up office: its trust folder, its keys, its timestamp service."""

    trust: Path
    officer: "KeyProcess"
    agency: "KeyProcess"
    timestamp: "TimestampClient"


def execute(args: argparse.Namespace) -> int:
    """Run the demo; exit 0 only when everything that should work did."""
    started = monotonic()
    out: Path = args.out
    drawn = samples()
    expected = {path.stem: json.loads(path.read_text(encoding="utf8")).get("expect", {}) for path in drawn.glob("*.json")}
    inputs = sorted(path for path in drawn.iterdir() if path.suffix != ".json" and path.with_suffix(".json").is_file())
    state = out / ".state"
    shutil.rmtree(state / "work", ignore_errors=True)
    with _office(out / "trial-pki") as office:
        outcome = _Outcome()
        outcome.rows = _digitise(inputs, out, state, office, args.jobs)
        _check_rows(outcome, expected)
        outcome.certified = _certify(outcome, out, state, office)
        outcome.tampered = _tamper(outcome, out, office)
    _doors(outcome, drawn, out, state, out / "trial-pki" / "trust")
    _show(outcome, out, office.trust, monotonic() - started)
    return int(ExitCode.FAILED if outcome.wrong else ExitCode.DONE)


def samples() -> Path:
    """The drawn samples: package data of an installed sohoa, `samples/drawn` of a checkout."""
    for folder in (Path(str(files("sohoa"))) / "samples", Path(__file__).parents[2] / "samples" / "drawn"):
        if folder.is_dir():
            return folder
    raise SohoaError("samples_missing")


@contextmanager
def _office(folder: Path) -> Iterator[_Office]:
    from signing.keyholder import KeyProcess
    from signing.timestamp import TimestampClient
    from signing.trial import trial_pki
    from signing.trial_tsa import trial_tsa
    from sohoa.net import NetworkClient, NetworkRules

    pki = trial_pki(folder)
    with ExitStack() as stack:
        url = stack.enter_context(trial_tsa(pki))
        officer = stack.enter_context(KeyProcess(pki.identity("officer"), pki.passphrase))
        agency = stack.enter_context(KeyProcess(pki.identity("agency"), pki.passphrase))
        yield _Office(pki.trust, officer, agency, TimestampClient(url, NetworkClient(NetworkRules(loopback=True, seconds=10))))


def _digitise(inputs: list[Path], out: Path, state: Path, office: _Office, jobs: int) -> tuple[dict[str, Any], ...]:
    from pipeline.batch import run_batch
    from pipeline.finish import Finishing
    from pipeline.job import Job
    from sohoa.cli.run import Bar
    from sohoa.settings import Settings

    finishing: Finishing = Finishing(trust=str(office.trust), holder=office.officer, timestamp=office.timestamp, profile="officer_scan")
    job = Job(out=str((out / "results").resolve()), sign="officer", level="t")
    state.mkdir(parents=True, exist_ok=True)
    with Bar(quiet=False) as bar:
        return run_batch(inputs, job, state, Settings(), finishing, jobs, tick=bar.show).rows


def _check_rows(outcome: _Outcome, expected: dict[str, dict[str, Any]]) -> None:
    """Every sample ended as its truth says, and what was signed is valid."""
    for row in outcome.rows:
        stem = Path(row["source"]).stem
        wanted = expected.get(stem, {}).get("code")
        if row["status"] != "review" and row["error_code"] != wanted:
            outcome.wrong.append(f"{stem}: {row['error_code']} ≠ {wanted}")
        if row.get("signed_as") and row["verdict"] != "valid":
            outcome.wrong.append(f"{stem}: {row['verdict']}")
    if not any(row.get("signed_as") for row in outcome.rows):
        outcome.wrong.append("nothing was signed")


def _certify(outcome: _Outcome, out: Path, state: Path, office: _Office) -> "Certified | None":
    """The officer compared the paper with its scan, ticked the list, and certifies it with the agency."""
    from pipeline.certify import Office, Original, certify
    from pipeline.workers import PRELOAD as READING
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from storage.database import open_database
    from storage.objects import FolderObjects
    from storage.register import Register

    row = next((row for row in outcome.rows if Path(row["source"]).name == _CERTIFIED), None)
    if row is None or row["status"] == "failed":
        outcome.wrong.append("no paper to certify")
        return None
    original = Original(
        title="Giấy chứng nhận (mẫu vẽ)",
        pages=row["pages"],
        place="Ủy ban nhân dân xã Thử Nghiệm",
        officer="Nguyễn Thị Ví Dụ",
        position="Chủ tịch",
        agency="Ủy ban nhân dân xã Thử Nghiệm",
        issued=date(2026, 1, 5),
    )
    with Child((*PRELOAD, *READING)) as child:
        books = Register(open_database(state / "sohoa.sqlite"))
        objects = FolderObjects(state / "objects")
        desk = Office(books, objects, child, office.officer, office.agency, str(office.trust), "t", office.timestamp)
        try:
            done = certify(out / "results" / row["name"] / "document.pdf", original, out / "certified", desk)
        except SohoaError as error:
            outcome.wrong.append(f"certify: {error.code}")
            return None
    if done.verdict.verdict != "valid":
        outcome.wrong.append(f"certified copy: {done.verdict.verdict} ({done.verdict.reason_code})")
    return done


def _tamper(outcome: _Outcome, out: Path, office: _Office) -> "Verdict | None":
    """One byte of the certified copy is changed, as a forger would; the verdict must say so."""
    from sohoa.child import Child
    from verification.tasks import PRELOAD, Verify, verify_in_child

    if outcome.certified is None:
        return None
    forged = out / "certified" / "da-bi-sua.pdf"
    content = bytearray(outcome.certified.path.read_bytes())
    content[len(content) // 3] ^= 1
    forged.write_bytes(content)
    with Child(PRELOAD) as child:
        verdict = verify_in_child(child, Verify(str(forged), trust=str(office.trust), policy="certified-copy"))
    if verdict.verdict != "invalid":
        outcome.wrong.append(f"tampered copy: {verdict.verdict}")
    return verdict


def _doors(outcome: _Outcome, drawn: Path, out: Path, state: Path, trust: Path) -> None:
    """The check page gives the same verdict; a portal's task gives the same result."""
    from sohoa.cli.demo_doors import ask_check_page, ask_worker

    if outcome.certified:
        outcome.page_verdict = ask_check_page(outcome.certified.path, trust)
        if outcome.page_verdict != "valid":
            outcome.wrong.append(f"check page: {outcome.page_verdict}")
    outcome.task_row = ask_worker(drawn / _BY_TASK, out / "by-task", state)
    if outcome.task_row and outcome.task_row["status"] not in ("done", "review"):
        outcome.wrong.append(f"sohoa.digitise: {outcome.task_row['error_code']}")


def _show(outcome: _Outcome, out: Path, trust: Path, seconds: float) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="sohoa demo", title_justify="left")
    for name in (
        "đầu vào · input",
        "trang",
        "biểu mẫu · template",
        "trường: nhận/xem",
        "kết quả",
        "đã ký",
        "chứng thực",
        "kiểm tra · verdict",
        "giây",
    ):
        justify: Literal["left", "right"] = "right" if name in ("trang", "giây") else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name.startswith("đầu vào"))
    copy = outcome.certified
    for row in outcome.rows:
        bad = row["status"] == "failed"
        table.add_row(
            Path(row["source"]).name,
            "" if bad else str(row["pages"]),
            row.get("template") or "–",
            "" if bad else f"{row.get('fields_accepted', 0)}/{row.get('fields_review', 0)}",
            f"[red]{row['error_code']}[/]" if row["error_code"] else _STATUS[row["status"]],
            "✓ B-T" if row.get("signed_as") else "–",
            f"✓ số {copy.entry.number}/{copy.entry.year}" if copy and Path(row["source"]).name == _CERTIFIED else "–",
            _VERDICT[row.get("verdict")],
            f"{row['seconds']:.1f}",
        )
    console = Console(width=None if Console().is_terminal else 160)
    console.print(table)
    for row in outcome.rows:
        if row["error_code"]:
            console.print(f"[red]✗[/] {Path(row['source']).name} \\[{row['error_code']}]: {row['message_vi']}")
    if copy:
        said = f"{_VERDICT[copy.verdict.verdict]}. {copy.verdict.summary_vi}"
        console.print(f"[green]✓[/] Bản sao chứng thực số {copy.entry.number}/{copy.entry.year}: {said}")
    if forged := outcome.tampered:
        console.print(f"[green]✓[/] Bản sao bị sửa một byte: {_VERDICT[forged.verdict]}. {forged.summary_vi}")
    if outcome.page_verdict:
        console.print(f"[green]✓[/] Trang kiểm tra trả lời về bản sao ấy: {_VERDICT[outcome.page_verdict]}")
    if by_task := outcome.task_row:
        said = f"{Path(by_task['source']).name} → {_STATUS[by_task['status']]}"
        console.print(f"[green]✓[/] Cổng dịch vụ gọi sohoa.digitise qua Redis: {said}")
    else:
        console.print("– Chưa có redis-server trên máy nên không trình diễn tác vụ sohoa.digitise.")
    for what in outcome.wrong:
        console.print(f"[bold red]✗ ngoài dự kiến · unexpected: {what}[/]")
    console.print(f"\n{len(outcome.rows)} tệp trong {seconds:.0f} giây. Khóa và chứng thư ở đây là thử nghiệm, không có giá trị pháp lý.")
    console.print(f"Mở kết quả · open: {out.resolve()}/results", soft_wrap=True)
    console.print(f"Trang kiểm tra · check page: sohoa serve --only check --trust {trust}", soft_wrap=True)
