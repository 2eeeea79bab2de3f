"""`sohoa sign-agent`: on the officer's own computer, where the token is. Digests in, one PIN, signatures out.

sohoa sign-agent --invite NAME              on the server: shows a pairing code and waits for the officer's computer
sohoa sign-agent --pair https://HOST:PORT   on the officer's computer: asks for that code
sohoa sign-agent --module LIBRARY           on the officer's computer: PIN once, then every list that is handed over
"""

import argparse
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sohoa.cli.keys import agent_desk, declare_secret, read_line
from sohoa.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from signing.agent_wire import Listing
    from signing.model import Identity

_SHOWN_HASH = 16


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of `sohoa sign-agent`."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--invite", metavar="NAME", help="trên máy chủ: tạo mã ghép nối cho danh tính này · show a pairing code")
    what.add_argument("--pair", metavar="URL", help="trên máy cán bộ: ghép nối với máy chủ https://… · pair with the server")
    parser.add_argument("--module", metavar="LIBRARY", help="thư viện PKCS#11 của thiết bị ký · the token's PKCS#11 library")
    parser.add_argument("--token", default="", help="nhãn hoặc số sê-ri của thiết bị · the token's label or serial number")
    parser.add_argument("--key", default="", help="nhãn hoặc mã của khóa · the key's label or id")
    parser.add_argument("--certificates", type=Path, metavar="FILE", help="chứng thư nếu thiết bị không lưu · certificates, PEM or DER")
    parser.add_argument("--p12", type=Path, metavar="FILE", help="tệp .p12, chỉ để thử · a .p12, for trials")
    parser.add_argument("--once", action="store_true", help="ký một danh sách rồi dừng · one list, then end")
    declare_secret(parser)


def execute(args: argparse.Namespace) -> int:
    """Invite, pair, or serve until interrupted."""
    if args.invite:
        return _invite(args.invite)
    from sohoa.settings import home

    file = home() / "agent.json"
    if args.pair:
        return _pair(args.pair, file, args.passphrase_fd)
    if not args.module and not args.p12:
        raise UsageError("agent_key_missing")
    from signing.agent import Agent
    from signing.keyholder import KeyProcess
    from signing.pairing import load_pairing

    load_pairing(file)  # before anybody is asked for a PIN
    with KeyProcess(_identity(args), _pin(args.passphrase_fd)) as holder:
        Agent(file, holder, _approve, _tell).serve(args.once)
    return int(ExitCode.DONE)


def _invite(name: str) -> int:
    from signing.agent_desk import invite
    from sohoa.settings import load

    settings = load()

    def show(code: str) -> None:
        print(f"Mã ghép nối cho “{name}”: {code}")
        print(f"Trên máy cán bộ chạy: sohoa sign-agent --pair {settings.identity(name).url}")
        print("Mã có hiệu lực 10 phút, dùng một lần.", flush=True)

    invite(agent_desk(name, settings), show)
    print(f"✓ Đã ghép nối máy ký của “{name}”.")
    return int(ExitCode.DONE)


def _pair(server: str, file: Path, descriptor: int | None) -> int:
    from signing.agent import pair

    code = read_line(descriptor).decode("utf8", "replace") if descriptor is not None else _asked("SOHOA_PAIRING_CODE", "Mã ghép nối: ")
    pair(server, code, file)
    print("✓ Đã ghép nối với máy chủ.")
    return int(ExitCode.DONE)


def _identity(args: argparse.Namespace) -> "Identity":
    from signing.model import Identity

    if args.p12:
        return Identity("agent", args.p12)
    return Identity("agent", args.certificates or Path(), "pkcs11", Path(args.module), args.token, args.key)


def _pin(descriptor: int | None) -> bytes:
    return read_line(descriptor) if descriptor is not None else _asked("SOHOA_PIN", "Mã PIN của thiết bị ký: ").encode()


def _asked(variable: str, question: str) -> str:
    if variable in os.environ:
        return os.environ[variable]
    if not sys.stdin.isatty():
        raise UsageError("secret_missing", name="sign-agent", variable=variable)
    return getpass.getpass(question)


def _approve(listing: "Listing") -> bool:
    """The list as the officer sees it; only a clear yes is one."""
    print(f"\nDanh sách trình ký: {len(listing.documents)} tài liệu")
    for number, document in enumerate(listing.documents, 1):
        name = "".join(letter if letter.isprintable() else "�" for letter in document.name)
        print(f"{number:5d}. {name} · {document.pages} trang · SHA-256 {document.sha256[:_SHOWN_HASH]}…")
    print(f"Ký số cả {len(listing.documents)} tài liệu trên? Gõ “ký” để đồng ý, phím khác để từ chối: ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("ký", "ky", "co", "có", "yes")


def _tell(code: str, documents: int) -> None:
    from sohoa.messages import message

    said = message(code)
    print(f"{said.vi}{f' ({documents} tài liệu)' if documents else ''} {said.next_vi} [{code}]".strip(), flush=True)
