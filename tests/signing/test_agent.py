"""The officer's own computer as a second process with a real token, and what can go wrong between it and the office."""

import hashlib
import json
import os
import queue
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Protocol

import msgspec
import pytest
from msgspec.structs import replace

from signing.agent import pair
from signing.agent_desk import AgentKey, DeskAccess, invite
from signing.agent_wire import Answer, Listing, Work
from signing.certificate import signature_matches
from signing.group import Forgetful
from signing.model import Facts, Identity, Order
from signing.pairing import Invitation, load_pairing, save_pairing, server_files
from signing.profiles import load_profile
from signing.sign import sign_file
from signing.trial import TrialPki
from sohoa.child import Child
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules


class Token(Protocol):
    module: Path
    store: Path
    pin: bytes

    def identity(self, key: str = "officer", label: str = "Văn thư", path: Path = Path()) -> Identity: ...


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def office(tmp_path: Path) -> DeskAccess:
    return DeskAccess(tmp_path / "office", "can_bo", "127.0.0.1", free_port(), absent=30, decide=30, gone=20)


@pytest.fixture
def paired(office: DeskAccess, tmp_path: Path) -> Path:
    """The home of an agent that is paired with the office."""
    home = tmp_path / "officer"
    home.mkdir()
    shown: list[str] = []
    ready = threading.Event()

    def show(code: str) -> None:
        shown.append(code)
        ready.set()

    inviting = threading.Thread(target=invite, args=(office, show))
    inviting.start()
    ready.wait(20)
    pair(f"https://127.0.0.1:{office.port}", shown[0].lower(), home / "agent.json")
    inviting.join()
    return home


@contextmanager
def agent(home: Path, token: Token, says: str = "", key: str = "officer", once: bool = True) -> Iterator["subprocess.Popen[str]"]:
    """`sohoa sign-agent` on the officer's computer, the officer's keyboard being `says`."""
    line = [sys.executable, "-P", "-m", "sohoa", "sign-agent", "--module", str(token.module), "--token", "Văn thư", "--key", key]
    env = {**os.environ, "SOHOA_HOME": str(home), "SOHOA_PIN": token.pin.decode(), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    env["PYTHONIOENCODING"] = "utf-8"
    more: dict[str, Any] = {"stdin": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    line += ["--once"] if once else []
    with (home / "screen").open("w") as screen, subprocess.Popen(line, env=env, stdout=screen, **more) as running:
        if says and running.stdin:
            running.stdin.write(says + "\n")
            running.stdin.flush()
        try:
            yield running
        finally:
            running.kill()


def screen(home: Path, running: "subprocess.Popen[str]", word: str = "") -> str:
    """What the officer has seen, once the agent has ended or shown `word`."""
    deadline = monotonic() + 30
    while monotonic() < deadline and not (word and word in (home / "screen").read_text(encoding="utf8")) and running.poll() is None:
        sleep(0.05)
    return (home / "screen").read_text(encoding="utf8")


def orders_for(certificate: bytes, count: int) -> list[Order]:
    """Signed attributes as the agent wants them: they name a digest and the certificate."""
    bound = hashlib.sha256(certificate).digest()

    def one(number: int) -> Order:
        content = hashlib.sha256(str(number).encode()).digest()
        attributes = b"\x31\x62" + bytes.fromhex("06092a864886f70d010904") + b"\x31\x22\x04\x20" + content + bound
        return Order(attributes, "rsassa_pss", "sha256", f"to-trinh-{number}.pdf", 2, hashlib.sha256(content).hexdigest(), content)

    return [one(number) for number in range(count)]


def test_files_are_signed_by_the_token_on_another_computer_after_one_yes_to_the_whole_list(
    office: DeskAccess, paired: Path, token: Token, born_digital: Path, tmp_path: Path, child: Child, now: datetime
) -> None:
    with agent(paired, token, "ký") as running, AgentKey(office) as key:
        orders = orders_for(key.certificate, 3)
        values = dict(key.sign_group(orders, Forgetful()))
        said = screen(paired, running)
    assert sorted(values) == [0, 1, 2]
    assert all(signature_matches(key.certificate, "rsassa_pss", "sha256", orders[i].attributes, value) for i, value in values.items())
    assert running.returncode == 0
    assert "3 tài liệu" in said
    for order in orders:
        assert f"{order.name} · 2 trang · SHA-256 {order.sha256[:16]}" in said
    assert token.pin.decode() not in said


def test_a_pdf_signed_by_the_token_on_another_computer_is_signed(
    office: DeskAccess, paired: Path, token: Token, born_digital: Path, tmp_path: Path, child: Child, now: datetime
) -> None:
    with agent(paired, token, "ký") as running, AgentKey(office) as key:
        signed = sign_file(born_digital, tmp_path / "s.pdf", key, load_profile("cv7197"), "b", child, None, Facts(now))
        assert "1 tài liệu" in screen(paired, running)
    assert signed.path.read_bytes().startswith(born_digital.read_bytes())


def test_a_refused_list_is_a_code_and_nothing_is_signed(office: DeskAccess, paired: Path, token: Token) -> None:
    with agent(paired, token, "không"), AgentKey(office) as key, pytest.raises(SohoaError, match="agent_refused"):
        list(key.sign_group(orders_for(key.certificate, 2), Forgetful()))


def test_an_officer_who_does_not_decide_runs_out_of_time(office: DeskAccess, paired: Path, token: Token) -> None:
    with agent(paired, token), AgentKey(replace(office, decide=1.5)) as key, pytest.raises(SohoaError, match="agent_timeout"):
        list(key.sign_group(orders_for(key.certificate, 2), Forgetful()))


def test_an_agent_that_dies_in_the_middle_is_noticed_and_what_it_signed_stays(office: DeskAccess, paired: Path, token: Token) -> None:
    with agent(paired, token, "ký") as running, AgentKey(replace(office, gone=4)) as key:
        orders = orders_for(key.certificate, 3000)
        came: list[int] = []
        with pytest.raises(SohoaError, match="agent_gone"):
            for number, value in key.sign_group(orders, Forgetful()):
                running.kill()
                assert signature_matches(key.certificate, "rsassa_pss", "sha256", orders[number].attributes, value)
                came.append(number)
    assert 0 < len(came) < 3000


def test_an_agent_that_never_calls_is_a_code(office: DeskAccess, paired: Path) -> None:
    with pytest.raises(SohoaError, match="agent_absent"):
        AgentKey(replace(office, absent=0.6))


def test_an_office_without_a_pairing_opens_no_address(office: DeskAccess) -> None:
    with pytest.raises(SohoaError, match="agent_not_paired"):
        AgentKey(office)


def test_a_token_pulled_out_in_the_middle_reaches_the_office_as_its_code(
    office: DeskAccess, paired: Path, own_token: Token, tmp_path: Path
) -> None:
    with agent(paired, own_token, "ký") as running, AgentKey(office) as key:
        orders = orders_for(key.certificate, 3000)
        with pytest.raises(SohoaError, match="token_missing"):
            for _ in key.sign_group(orders, Forgetful()):
                for taken in list(own_token.store.iterdir()):
                    taken.rename(tmp_path / "in the pocket")
        assert running.wait(20) == 1


# ------------------------------------------------------------------------------------------------------------- pairing


def test_a_wrong_code_is_refused_and_three_make_it_void(tmp_path: Path) -> None:
    _, fingerprint = server_files(tmp_path / "office")
    invitation = Invitation(fingerprint)
    for _ in range(3):
        with pytest.raises(SohoaError, match="agent_code_wrong"):
            invitation.accept(b"nonce", b"guess")
    with pytest.raises(SohoaError, match="agent_code_void"):
        invitation.accept(b"nonce", b"guess")


def test_a_wrong_code_leaves_no_pairing_on_either_side(office: DeskAccess, tmp_path: Path) -> None:
    ready = threading.Event()
    ended: list[str] = []

    def inviting() -> None:
        try:
            invite(replace(office, decide=15), lambda code: ready.set())
        except SohoaError as error:
            ended.append(error.code)

    thread = threading.Thread(target=inviting)
    thread.start()
    ready.wait(20)
    file = tmp_path / "agent.json"
    for code in ("agent_code_wrong", "agent_code_wrong", "agent_code_wrong", "agent_code_void"):
        try:
            pair(f"https://127.0.0.1:{office.port}", "AAAA-AAAA-AAAA", file)
        except SohoaError as error:
            assert error.code in (code, "net_failed")  # the address closes with the third mistake
        else:
            raise AssertionError("a wrong code was taken")
    thread.join(30)
    assert ended == ["agent_code_void"]
    assert not file.exists()
    assert not (office.folder / "can_bo.json").exists()


def test_what_is_kept_of_a_pairing_is_for_its_owner_alone(office: DeskAccess, paired: Path) -> None:
    for file in (paired / "agent.json", office.folder / "can_bo.json", office.folder / "server.pem"):
        assert file.stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------------------------------- somebody stands in between


@contextmanager
def between(office: DeskAccess, change: Callable[[str, Callable[[], bytes]], bytes]) -> Iterator[int]:
    """One who has stolen even the server's key, and changes what the office answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            _, pin = server_files(office.folder)
            client = NetworkClient(NetworkRules(pin=pin, seconds=40))
            headers = {"Authorization": self.headers.get("Authorization") or ""}

            def ask() -> bytes:
                return client.post(f"https://127.0.0.1:{office.port}{self.path}", body, "application/json", headers).body

            content = change(self.path, ask)
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(office.folder / "server.pem")
    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.daemon_threads = True
    running.socket = context.wrap_socket(running.socket, server_side=True)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield int(running.server_address[1])
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def led_through(home: Path, port: int) -> None:
    pairing = load_pairing(home / "agent.json")
    save_pairing(home / "agent.json", msgspec.structs.replace(pairing, server=f"https://127.0.0.1:{port}"))


def test_a_list_changed_on_its_way_is_not_signed(office: DeskAccess, paired: Path, token: Token) -> None:
    def change(path: str, ask: Callable[[], bytes]) -> bytes:
        body = ask()
        if path != "/work" or not (work := msgspec.json.decode(body, type=Work)).listing:
            return body
        listing = msgspec.json.decode(work.listing, type=Listing)
        other = msgspec.structs.replace(listing.documents[0], name="quyet-dinh-khac.pdf")
        listing = msgspec.structs.replace(listing, documents=(other, *listing.documents[1:]))
        return msgspec.json.encode(Work(msgspec.json.encode(listing), work.proof))

    with between(office, change) as port:
        led_through(paired, port)
        with agent(paired, token, "ký") as running, AgentKey(office) as key:
            with pytest.raises(SohoaError, match="agent_list_changed"):
                list(key.sign_group(orders_for(key.certificate, 2), Forgetful()))
            assert "agent_list_changed" in screen(paired, running)


def test_a_digest_that_is_not_that_of_the_attributes_is_not_signed(office: DeskAccess, paired: Path, token: Token) -> None:
    with agent(paired, token, "ký"), AgentKey(office) as key:
        first, second = orders_for(key.certificate, 2)
        with pytest.raises(SohoaError, match="agent_list_changed"):
            list(key.sign_group([replace(first, content=second.content), second], Forgetful()))


def test_a_list_is_signed_once_even_when_it_is_shown_again(office: DeskAccess, paired: Path, token: Token) -> None:
    kept: list[bytes] = []

    def again(path: str, ask: Callable[[], bytes]) -> bytes:
        if path == "/work" and kept:
            return kept[0]
        body = ask()
        if path == "/work":
            kept.append(body)
        return body

    with between(office, again) as port:
        led_through(paired, port)
        with agent(paired, token, "ký\nký", once=False) as running:
            with AgentKey(office) as key:
                assert len(list(key.sign_group(orders_for(key.certificate, 2), Forgetful()))) == 2
                said = screen(paired, running, "agent_replay")
            assert said.count("[agent_signed]") == 1


def test_signatures_for_a_list_that_is_over_and_calls_without_the_secret_are_refused(
    office: DeskAccess, paired: Path, token: Token
) -> None:
    pairing = load_pairing(paired / "agent.json")
    client = NetworkClient(NetworkRules(pin=pairing.pin))
    with agent(paired, token, "ký"), AgentKey(office) as key:
        orders = orders_for(key.certificate, 1)
        assert len(list(key.sign_group(orders, Forgetful()))) == 1
        late = msgspec.json.encode(Answer("0" * 32, "approved", ((0, b"value"),)))
        address = f"https://127.0.0.1:{office.port}/answer"
        answer = client.post(address, late, "application/json", {"Authorization": f"Bearer {pairing.secret}"})
        assert (answer.status, json.loads(answer.body)["code"]) == (409, "agent_replay")
        for bearer in ({}, {"Authorization": "Bearer guess"}):
            answer = client.post(address, late, "application/json", bearer)
            assert (answer.status, json.loads(answer.body)["code"]) == (401, "agent_not_paired")


def test_another_servers_certificate_is_not_spoken_to(office: DeskAccess, paired: Path, token: Token) -> None:
    pairing = load_pairing(paired / "agent.json")
    save_pairing(paired / "agent.json", msgspec.structs.replace(pairing, pin="0" * 64))
    with agent(paired, token, "ký") as running:
        with pytest.raises(SohoaError, match="agent_absent"):
            AgentKey(replace(office, absent=6))
        assert "net_pin" in screen(paired, running)


# ------------------------------------------------------------------------------------------------- what it is made of


def test_the_agent_loads_no_parser() -> None:
    life = """
import sys
import sohoa.cli, sohoa.cli.sign_agent, signing.agent, signing.keyholder, signing.token_key
sys.stdout.write("\\n".join(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", life], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "pkcs11" in loaded
    assert loaded.isdisjoint(("pikepdf", "pypdfium2", "pyhanko", "PIL", "lxml", "cv2", "fontTools", "ocr", "verification", "pipeline"))


# What our own code finds on Windows: no module and no name that only Unix has, and text files in the old code page by default.
# It is run by every interpreter that has it on its path. The libraries underneath have their own ways there, and see what is.
WINDOWS = """
import builtins

only_unix = {
    "os": "fork forkpty register_at_fork setsid getsid killpg getpgid setpgid getuid geteuid getgid getegid getgroups setuid chown "
    "fchown fchmod mkfifo pread pwrite sched_getaffinity sched_setaffinity sendfile statvfs sync uname wait waitid wait3 wait4 WNOHANG "
    "fdatasync posix_fadvise openpty memfd_create sysconf getloadavg nice O_NOFOLLOW O_DIRECTORY O_CLOEXEC O_NONBLOCK O_SYNC",
    "signal": "SIGKILL SIGHUP SIGCHLD SIGUSR1 SIGUSR2 SIGALRM SIGPIPE SIGQUIT SIGSTOP SIGCONT alarm setitimer pause pthread_kill "
    "pthread_sigmask sigwait sigtimedwait set_wakeup_fd",
    "socket": "AF_UNIX send_fds recv_fds SO_REUSEPORT SOCK_CLOEXEC SOCK_NONBLOCK SOCK_SEQPACKET",
    "select": "poll epoll",
    "time": "tzset clock_gettime",
}
no_module = "resource fcntl pwd grp termios tty pty syslog pyseccomp posix readline".split()
imported = builtins.__import__


class Seen:
    def __init__(self, module, lacks, has):
        self.__dict__.update(module=module, lacks=lacks, has=has)

    def __getattr__(self, name):
        if name in self.lacks:
            raise AttributeError(f"{self.module.__name__} has no {name} on Windows")
        return self.has[name] if name in self.has else getattr(self.module, name)


def seen(name, globals=None, locals=None, fromlist=(), level=0):
    asking = (globals or {}).get("__package__") or ""
    ours = asking.split(".")[0] in ("sohoa", "signing")
    if ours and name in no_module:
        raise ModuleNotFoundError(f"no {name} on Windows", name=name)
    found = imported(name, globals, locals, fromlist, level)
    if ours and name == "sys":
        return Seen(found, (), {"platform": "win32"})
    return Seen(found, only_unix[name].split(), {}) if ours and name in only_unix else found


builtins.__import__ = seen
"""


@pytest.fixture
def on_windows(tmp_path: Path) -> dict[str, str]:
    """The surroundings of a command that finds what Windows has, its output going to a file there."""
    folder = tmp_path / "windows"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WINDOWS)
    paths = os.pathsep.join([str(folder), *(path for path in sys.path if path)])
    return {
        **os.environ,
        "PYTHONPATH": paths,
        "PYTHONIOENCODING": "cp1258",
        "PYTHONWARNDEFAULTENCODING": "1",
        "PYTHONWARNINGS": "error::EncodingWarning",
    }


def test_the_agent_is_paired_and_signs_with_what_windows_has(
    office: DeskAccess, token: Token, tmp_path: Path, on_windows: dict[str, str]
) -> None:
    home = tmp_path / "officer"
    env = {**on_windows, "SOHOA_HOME": str(home), "SOHOA_PIN": token.pin.decode()}
    line = [sys.executable, "-m", "sohoa", "sign-agent"]
    codes: queue.Queue[str] = queue.Queue()
    inviting = threading.Thread(target=invite, args=(office, codes.put))
    inviting.start()
    own = {**env, "SOHOA_PAIRING_CODE": codes.get(timeout=20)}
    done = subprocess.run([*line, "--pair", f"https://127.0.0.1:{office.port}"], env=own, capture_output=True, encoding="utf8")
    inviting.join()
    assert (done.returncode, done.stdout) == (0, "✓ Đã ghép nối với máy chủ.\n"), done.stderr
    line += ["--once", "--module", str(token.module), "--token", "Văn thư", "--key", "officer"]
    with subprocess.Popen(line, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf8") as agent:
        with AgentKey(office) as key:
            threading.Timer(0.1, lambda: agent.stdin and (agent.stdin.write("ky\n"), agent.stdin.flush())).start()
            orders = orders_for(key.certificate, 2)
            values = dict(key.sign_group(orders, Forgetful()))
        said, _ = agent.communicate(timeout=30)
    assert agent.returncode == 0, said
    assert all(signature_matches(key.certificate, "rsassa_pss", "sha256", orders[i].attributes, values[i]) for i in range(2))
    assert "Ký số cả 2 tài liệu trên?" in said


def test_what_windows_lacks_is_lacking_in_that_test(on_windows: dict[str, str]) -> None:
    for module in ("sohoa.forkserver", "sohoa.sandbox"):  # the server's, and nothing of the agent's
        done = subprocess.run([sys.executable, "-c", f"import {module}"], env=on_windows, capture_output=True, text=True)
        assert "on Windows" in done.stderr


# ------------------------------------------------------------------------------------------------- as commands


def test_the_whole_way_as_commands(token: Token, born_digital: Path, pki: TrialPki, tmp_path: Path) -> None:
    """Invited and paired, refused once, then signed: three processes and a real token."""
    server, home, papers, out = tmp_path / "server", tmp_path / "officer", tmp_path / "papers", tmp_path / "out"
    for folder in (server, home, papers):
        folder.mkdir()
    for number in range(4):
        (papers / f"to-trinh-{number}.pdf").write_bytes(born_digital.read_bytes() + f"\n% {number}\n".encode())
    address = f"https://127.0.0.1:{free_port()}"
    (server / "config.toml").write_text(
        f'[identities.chu_tich]\nkind = "agent"\nurl = "{address}"\nlisten = "127.0.0.1"\n[trust]\nfolder = "{pki.trust}"\n'
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PYTHONUNBUFFERED": "1"}
    office_env, sohoa = {**env, "SOHOA_HOME": str(server)}, [sys.executable, "-P", "-m", "sohoa"]

    invite = [*sohoa, "sign-agent", "--invite", "chu_tich"]
    with subprocess.Popen(invite, env=office_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as inviting:
        assert inviting.stdout is not None
        code = inviting.stdout.readline().split()[-1]
        own = {**env, "SOHOA_HOME": str(home), "SOHOA_PAIRING_CODE": code}
        subprocess.run([*sohoa, "sign-agent", "--pair", address], env=own, check=True, capture_output=True)
        said, wrong = inviting.communicate(timeout=30)  # what it says at its end must find a reader
    assert inviting.returncode == 0, said + wrong

    def sign() -> "subprocess.Popen[str]":
        line = [*sohoa, "sign", str(papers), "--as", "chu_tich", "-o", str(out), "--json"]
        return subprocess.Popen(line, env=office_env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    with agent(home, token, "không"), sign() as refused:
        said, _ = refused.communicate(timeout=100)
    assert [json.loads(line)["error_code"] for line in said.splitlines()] == ["agent_refused"] * 4
    assert list(out.iterdir()) == []
    with agent(home, token, "ký") as running, sign() as signing:
        said, wrong = signing.communicate(timeout=100)
        shown = screen(home, running)
    assert signing.returncode == 0, said + wrong
    assert {json.loads(line)["verdict"] for line in said.splitlines()} == {"valid"}
    assert sorted(path.name for path in out.iterdir()) == sorted(path.name for path in papers.iterdir())
    assert all(f"{path.name} · 2 trang" in shown for path in papers.iterdir())
    written = [path for folder in (server, home, out) for path in folder.rglob("*") if path.is_file()]
    assert all(token.pin not in path.read_bytes() for path in written if path.suffix != ".pdf")
