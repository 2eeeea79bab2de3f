"""`sohoa verify FILE...`: one verdict per file, in the order given."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from sohoa.cli.keys import declare_secret, open_key
from sohoa.cli.print_reader import print_reader
from sohoa.errors import ExitCode, UsageError
from sohoa.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from sohoa.child import Child
    from sohoa.cli.keys import OpenKey
    from verification.model import Difference, Verdict

_WORST_FIRST = (("invalid", ExitCode.FAILED), ("indeterminate", ExitCode.REVIEW), ("unsigned", ExitCode.REVIEW))


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa verify`."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="tệp cần kiểm tra · file to verify")
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục chứng thư tin cậy · folder of trusted certificates")
    parser.add_argument("--policy", default="signature", metavar="NAME", help="signature | certified-copy | tệp chính sách · policy")
    parser.add_argument("--offline", action="store_true", help="không truy cập mạng dù cấu hình cho phép · use no network")
    parser.add_argument(
        "--evidence", type=Path, metavar="DIR", help="giữ và dùng lại bằng chứng đã tải · keep fetched evidence, use it again"
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="mỗi tệp một dòng JSON · one JSON object per file")
    shape.add_argument("--html", type=Path, metavar="OUT", help="ghi báo cáo HTML vào tệp hoặc thư mục · write HTML reports")
    shape.add_argument("--pdf", type=Path, metavar="OUT", help="ghi báo cáo PDF · write PDF reports")
    shape.add_argument("--xml", type=Path, metavar="OUT", help="ghi báo cáo ETSI TS 119 102-2 · write ETSI validation reports")
    parser.add_argument("--sign", default="", metavar="NAME", help="ký báo cáo PDF bằng danh tính này · sign the PDF reports as")
    parser.add_argument("--signed-version", type=Path, metavar="DIR", help="ghi tệp như lúc ký lần đầu · write what was first signed")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Verify; exit 0 every file valid, 1 some invalid, 3 some indeterminate or unsigned and none invalid."""
    from sohoa.child import Child, Limits
    from sohoa.fetching import evidence_client
    from verification.model import verdict_json
    from verification.online import verify_online
    from verification.policy import load_policy
    from verification.report import report_text
    from verification.tasks import PRELOAD, Verify, difference_in_child, verify_in_child
    from verification.truststore import load_trust

    settings = load()
    trust = args.trust or Path(settings.trust.folder or "/nonexistent")
    if args.trust and not args.trust.exists():
        raise UsageError("input_missing", path=str(args.trust))
    load_policy(args.policy)  # a wrong name is the command's fault, not the files'
    if trust.exists():
        load_trust(str(trust))
    verdicts: list[Verdict] = []
    fetch, asked = None if args.offline else evidence_client(settings.verify), settings.verify.cancellations
    if args.sign and not args.pdf:
        raise UsageError("report_not_signable")
    report = _report(args)
    many = len(args.files) > 1
    with (
        Child(PRELOAD, Limits(memory=2 << 30)) as child,
        _evidence(args.evidence) as evidence,
        open_key(args.sign, settings, descriptor=args.passphrase_fd) as key,
        print_reader() as compare,
    ):
        for file in args.files:
            request = Verify(file, str(trust) if trust.exists() else None, args.policy, evidence=str(evidence))
            verdict = verify_online(child, request, fetch, evidence, asked) if fetch else verify_in_child(child, request)
            verdict = compare(Path(file), verdict)
            verdicts.append(verdict)
            if args.signed_version:
                _signed_version(args.signed_version, file, difference_in_child(child, request))
            if args.json:
                print(json.dumps(verdict_json(verdict, file), ensure_ascii=False), flush=True)
            elif report:
                target = _target(report.out, file, report.ending, many)
                changed = difference_in_child(child, request) if verdict.revisions > 1 and verdict.signatures else None
                target.write_bytes(report.make(verdict, file, changed))
                if key:
                    _sign(target, key, child)
                print(target)
            else:
                sys.stdout.write(report_text(verdict, file) + "\n")
    return int(exit_code([verdict.verdict for verdict in verdicts]))


@contextmanager
def _evidence(kept: Path | None) -> Iterator[Path]:
    """The folder for what is fetched: the one to be kept, or one for this run."""
    if kept:
        try:
            kept.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise UsageError("out_unwritable", path=str(kept)) from None
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="sohoa-") as folder:
        yield Path(folder)


def exit_code(verdicts: list[str]) -> ExitCode:
    """The exit code that a set of verdicts adds up to."""
    return next((code for word, code in _WORST_FIRST if word in verdicts), ExitCode.DONE)


class _Report(Struct, frozen=True):
    """Where reports go, and what makes one."""

    out: Path
    ending: str
    make: "Callable[[Verdict, str, Difference | None], bytes]"


def _report(args: argparse.Namespace) -> _Report | None:
    if args.html:
        from verification.report import report_html

        return _Report(args.html, ".html", lambda verdict, file, changed: report_html(verdict, file, changed).encode())
    if args.pdf:
        from verification.report_pdf import report_pdf

        return _Report(args.pdf, ".pdf", lambda verdict, file, _: report_pdf(verdict, file))
    if args.xml:
        from verification.etsi_report import report_xml

        return _Report(args.xml, ".xml", lambda verdict, file, _: report_xml(verdict, file))
    return None


def _target(out: Path, file: str, ending: str, many: bool) -> Path:
    """The file itself, or one in the folder `out`; a report never takes the name of the file it is about."""
    if many or out.is_dir():
        out.mkdir(parents=True, exist_ok=True)
        out = out / f"{Path(file).stem}.report{ending}" if ending == ".pdf" else out / f"{Path(file).stem}{ending}"
    if out.resolve() == Path(file).resolve():
        raise UsageError("out_is_input", path=str(out))
    return out


def _signed_version(folder: Path, file: str, changed: "Difference | None") -> None:
    """The bytes as they were first signed, beside the file's name; nothing when nothing came after."""
    if changed is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    content = Path(file).read_bytes()[: changed.signed_end]
    (folder / f"{Path(file).stem}.signed-version.pdf").write_bytes(content)


def _sign(report: Path, key: "OpenKey", child: "Child") -> None:
    """Sign the report in place, with no visible mark."""
    from datetime import datetime

    from signing.model import VIETNAM, Facts
    from signing.profiles import load_profile
    from signing.sign import sign_file

    now = datetime.now(VIETNAM)
    sign_file(report, report, key.holder, load_profile("invisible"), "b", child, None, Facts(signed_at=now, captured_at=now))
