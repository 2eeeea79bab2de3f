"""`sohoa certify FILE...`: electronic certified copies, signed by the person who certifies and by the agency.

The book is kept with `sohoa certify void`, `cancel`, `book` and `seal-key`, which are modules of their own.
"""

import argparse
import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.cli import refuse
from sohoa.cli.keys import declare_secret, open_key
from sohoa.errors import ExitCode, SohoaError, UsageError
from sohoa.messages import message

if TYPE_CHECKING:
    from storage.register import Register


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa certify`."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="bản chụp PDF · captured PDF")
    parser.add_argument("--original", required=True, type=Path, metavar="FACTS.yaml", help="thông tin bản chính · facts of the original")
    parser.add_argument("--checklist", required=True, type=Path, metavar="FILE", help="bảng kiểm Điều 22 đã xác nhận · confirmed checklist")
    parser.add_argument("--certifier", required=True, metavar="NAME", help="danh tính người thực hiện chứng thực · certifier's identity")
    parser.add_argument("--agency", required=True, metavar="NAME", help="danh tính cơ quan · agency's identity")
    parser.add_argument("-o", "--out", required=True, type=Path, metavar="OUT", help="thư mục kết quả · output folder")
    parser.add_argument("--hand", type=Path, metavar="PNG", help="ảnh chữ ký tay, nền trong suốt · picture of the handwriting")
    parser.add_argument("--stamp", type=Path, metavar="PNG", help="ảnh con dấu, nền trong suốt · picture of the seal")
    parser.add_argument("--level", choices=("b", "t", "lt", "lta"), default="b", help="mức PAdES · PAdES level")
    parser.add_argument("--trust", type=Path, metavar="PATH", help="thư mục chứng thư tin cậy · folder of trusted certificates")
    parser.add_argument("--json", action="store_true", help="mỗi bản sao một dòng JSON · one JSON object per copy")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Certify every file; one that fails keeps its reserved number and stops no other."""
    from pipeline.certify import Office, by_settings, certify, confirm_checklist, describe, read_original
    from signing.tasks import PRELOAD
    from sohoa.child import Child
    from sohoa.settings import home, load
    from storage.stores import open_objects

    settings, state = load(), home()
    original = read_original(args.original)
    confirm_checklist(args.checklist)
    failed, unconfirmed = 0, False
    with ExitStack() as stack:
        certifier = stack.enter_context(open_key(args.certifier, settings, args.level, args.passphrase_fd))
        agency = stack.enter_context(open_key(args.agency, settings, args.level, args.passphrase_fd))
        seal = stack.enter_context(open_key(settings.seal.identity, settings, "b", args.passphrase_fd))
        child = stack.enter_context(Child(PRELOAD))
        if certifier is None or agency is None:
            raise UsageError("identity_unknown", name="", known="–")
        office = Office(
            register=open_register(),
            objects=open_objects(settings.storage.objects, state),
            child=child,
            certifier=certifier.holder,
            agency=agency.holder,
            trust=str(args.trust or settings.trust.folder or ""),
            level=args.level,
            timestamp=certifier.timestamp,
            hand=args.hand,
            stamp=args.stamp,
            seal=seal.holder if seal else None,
            algorithms=(certifier.algorithm, agency.algorithm),
        )
        office = by_settings(office, settings)
        for file in args.files:
            try:
                done = certify(file, original, args.out, office)
            except UsageError:
                raise
            except SohoaError as error:
                failed += 1
                refuse(file, error)
                continue
            report = {"file": str(file), **describe(done), "trial": certifier.trial or agency.trial}
            if args.json:
                print(json.dumps(report, ensure_ascii=False), flush=True)
            else:
                trial = " (khóa thử nghiệm, không có giá trị pháp lý)" if report["trial"] else ""
                print(f"✓ Số chứng thực {report['number']}/{report['year']} → {report['path']}{trial}")
            unconfirmed |= done.wording_confirmed is False
            if done.unsealed:
                print(f"! {message('seal_without_room', pages=', '.join(map(str, done.unsealed))).vi}", file=sys.stderr)
    if unconfirmed:
        # Until somebody has compared the wording with the printed annex, every run says so, once.
        print(f"! {message('wording_unconfirmed')}", file=sys.stderr)
    return int(ExitCode.FAILED if failed else ExitCode.DONE)


def open_register() -> "Register":
    """The office's book of certified copies, where the settings say that the records are."""
    from sohoa.settings import home, load
    from storage.database import open_database
    from storage.register import Register

    return Register(open_database(load().storage.records or home() / "sohoa.sqlite"))
