"""The command line. Its words, its JSON and its exit codes are a promise to scripts and handbooks.

Each command is a module of this package with two functions: `declare(parser)` says its arguments, `execute(args)`
does it and returns the exit code. Rooms are imported by `execute` alone, and of the commands only the one that is meant, so that
`sohoa --help` answers at once.
"""

import argparse
import codecs
import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from types import ModuleType

from sohoa import __version__
from sohoa.errors import ExitCode, SohoaError
from sohoa.messages import Message, message

COMMANDS = {
    "run": "đọc, trích xuất, ký cả lô tệp · read, extract and sign a batch of files",
    "check-photo": "ảnh chụp đã đủ rõ chưa, cần chụp lại thế nào · is this photo good enough",
    "template": "kiểm tra biểu mẫu trên một bản mẫu · check a template on a sample",
    "export": "xuất bảng tính, JSON, XML và siêu dữ liệu · export tables and metadata",
    "verify": "kiểm tra chữ ký số và bản sao điện tử · verify signatures and certified copies",
    "sign": "ký số tệp PDF · sign PDF files",
    "sign-agent": "máy của cán bộ: xem danh sách, nhập PIN một lần, ký · the officer's own computer with the token",
    "renew": "gia hạn bằng chứng lâu dài của chữ ký · renew long-term evidence",
    "certify": "chứng thực bản sao điện tử từ bản chính · issue electronic certified copies",
    "certify-void": "bỏ một số chứng thực đã giữ · end a reserved number",
    "certify-cancel": "hủy bỏ bản sao đã cấp, lập danh sách hủy bỏ · cancel an issued copy",
    "certify-book": "in sổ chứng thực theo tháng · the month's book",
    "certify-seal-key": "khóa công khai của con dấu QR · public key of the QR seal",
    "trust": "chứng thư tin cậy: xem, thêm, bỏ · trusted certificates",
    "serve": "mở trang kiểm tra trên trình duyệt · serve the check page",
    "status": "việc đang chờ, đang làm, đã dừng lại · what waits, is in work, was given up",
    "retry": "làm lại việc đã dừng lại · try again what was given up",
    "cancel": "hủy hẳn một lô đang xử lý · stop a batch for good",
    "search": "tìm tài liệu theo nội dung, có hoặc không dấu · find documents by their text",
    "purge": "xóa dữ liệu đã hết thời hạn lưu giữ · remove what may not be kept longer",
    "move": "chuyển dữ liệu sang PostgreSQL và S3 · carry this installation to shared servers",
    "audit": "kiểm tra, xem nhật ký và mã băm các tệp · verify or show the audit trail",
    "doctor": "kiểm tra máy đã đủ điều kiện chưa · does this installation have what it needs",
    "watch": "theo dõi thư mục máy quét, xử lý tệp mới · process what is dropped into a folder",
    "worker": "nhận việc từ hàng đợi Celery · take work from a Celery queue",
    "demo": "chạy thử toàn bộ trên dữ liệu mẫu · the whole way on made-up samples",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the process's exit code is what it returns."""
    _speak_vietnamese()
    parser = argparse.ArgumentParser(prog="sohoa", description="Số hóa giấy tờ · Digitise, sign and verify office paper")
    parser.add_argument("--version", action="version", version=f"sohoa {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="LỆNH", required=True)
    words = _joined(sys.argv[1:] if argv is None else argv)
    meant = next((word for word in words if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        if name == meant:
            _module(name).declare(command)
    args = parser.parse_args(words)
    try:
        from sohoa.rooms import check_rooms

        check_rooms()
        return int(_module(args.command).execute(args))
    except SohoaError as error:
        say(error.message)
        return int(error.exit_code)
    except ModuleNotFoundError as error:
        say(message("part_not_installed", module=error.name or "?"))
        return int(ExitCode.USAGE)
    except KeyboardInterrupt:
        say(message("interrupted"))
        return int(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away; say nothing more, and do not fail again while closing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.FAILED)
    except OSError as error:
        from sohoa.disk import is_full

        if not is_full(error):
            raise
        told = SohoaError("disk_full")
        say(told.message)
        return int(told.exit_code)


def _speak_vietnamese() -> None:
    """Write UTF-8 whatever the surroundings say: the code pages of Windows, which files and pipes get there, lack our letters."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
            stream.reconfigure(encoding="utf8", errors="replace")


def _joined(words: Sequence[str]) -> Sequence[str]:
    """`certify void 7` as `certify-void 7`: two words that together name a command."""
    return ["-".join(words[:2]), *words[2:]] if "-".join(words[:2]) in COMMANDS else words


def refuse(file: object, error: SohoaError) -> None:
    """One file among several could not be processed: its code and what to do, on standard error."""
    said = error.message
    print(f"✗ {file}: {said.vi} {said.next_vi} [{error.code}]", file=sys.stderr)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"sohoa.cli.{name.replace('-', '_')}")


def say(said: Message) -> None:
    """A message on standard error: Vietnamese first, English beside it, then what to do next."""
    print(f"{said.vi} {said.next_vi}".strip(), file=sys.stderr)
    print(f"[{said.code}] {said.en} {said.next_en}".strip(), file=sys.stderr)
