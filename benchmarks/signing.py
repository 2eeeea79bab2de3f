"""What a signature costs: our way beside pyHanko's own signer in the same run, on a one-page PDF of 125 KB.

`cpu` are CPU seconds of everything that ran, children included, for one file; what is compared is CPU where the key is at
hand, for that is what one core gives, and wall time where a service far away is waited for. Both sides get the same key,
the same file and the same level; ours also writes through to the disk and, in `command`, verifies every file before it is
released and keeps the journal that survives a kill.
"""

import argparse
import io
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from msgspec.structs import replace
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator import ValidationContext

from pipeline.children import Children
from pipeline.sign_batch import Batch, Plan, items_of
from pipeline.sign_journal import Journal
from signing.keyholder import KeyProcess
from signing.model import VIETNAM, Facts, Identity, KeyHolder, Trust
from signing.profiles import load_profile
from signing.sign import Manner, sign_file
from signing.tasks import PRELOAD
from signing.timestamp import TimestampClient
from signing.trial import TrialPki, trial_pki
from signing.trial_authority import trial_authority
from signing.trial_server import Answering
from signing.trial_tsa import trial_tsa
from sohoa.child import Child
from sohoa.fetching import EvidenceClient
from sohoa.net import NetworkClient, NetworkRules
from verification.tasks import PRELOAD as VERIFYING

_FILES = 60
_LASTING_FILES = 24
_MANY = 1000
_PAPER_BYTES = 125_000
_LATENCY = 0.1
_LOCAL = NetworkClient(NetworkRules(loopback=True, seconds=30))


def measure(args: argparse.Namespace) -> dict[str, Any]:
    """All figures; for a key at hand one core is enough, so this process and its children are kept on one then."""
    with tempfile.TemporaryDirectory() as folder, _slow_authority(Path(folder) / "pki") as (pki, tsa):
        work = Path(folder)
        papers = _papers(work / "papers", _MANY)
        figures: dict[str, Any] = {"paper_bytes": papers[0].stat().st_size, "latency_ms": round(1000 * _LATENCY)}
        # First, for the server that children are forked from keeps the cores it was started with.
        figures["b_lt"] = _lasting(work, papers[:_LASTING_FILES], pki, tsa)
        figures["killed_and_resumed"] = _thousand(work, papers, pki)
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cores)})
        try:
            figures["b_b_pkcs12"] = _at_hand(work, papers[:_FILES], pki.identity("officer"), pki.passphrase, pki, args.rounds)
            with _token(work / "token", pki) as identity:
                figures["b_b_token"] = _at_hand(work, papers[:_FILES], identity, b"123456", pki, args.rounds)
        finally:
            os.sched_setaffinity(0, cores)
    return figures


def _papers(folder: Path, count: int) -> list[Path]:
    """One A4 page each with a picture that does not compress, like a scan; every file differs."""
    import pikepdf

    folder.mkdir()
    for number in range(count):
        pdf = pikepdf.new()
        page = pdf.add_blank_page(page_size=(595, 842))
        noise = os.urandom(_PAPER_BYTES - 2_000)
        width = 300
        rows = len(noise) // width
        image = pikepdf.Stream(pdf, noise[: rows * width])
        image.update(
            {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": width, "/Height": rows, "/BitsPerComponent": 8}
        )
        image.ColorSpace = pikepdf.Name.DeviceGray
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im=image))
        page.Contents = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /Im Do Q")
        pdf.save(folder / f"van-ban-{number:04d}.pdf", deterministic_id=True)
    return sorted(folder.iterdir())


# ------------------------------------------------------------------------------------------------ a key at hand


def _at_hand(work: Path, papers: list[Path], identity: Identity, secret: bytes, pki: TrialPki, rounds: int) -> dict[str, Any]:
    """CPU seconds per file: pyHanko's signer, our `sign_file`, and the whole command with verification and journal."""
    out = work / "out"
    out.mkdir(exist_ok=True)
    theirs, ours, command = [], [], []
    with KeyProcess(identity, secret) as holder, Child(PRELOAD) as child:
        _ours(papers[:3], out, holder, child)  # imports are not what is measured
        for _ in range(rounds):
            theirs.append(_cost(lambda: _theirs(papers, out, identity, secret, pki)) / len(papers))
            ours.append(_cost(lambda: _ours(papers, out, holder, child), holder.pid, child.pid) / len(papers))
    with KeyProcess(identity, secret) as holder, Children(1, (*PRELOAD, *VERIFYING)) as children:
        _batch(papers[:3], work / "warm", holder, children, pki, work)
        pids = [one.pid for one in children._all]
        for number in range(rounds):
            folder = work / f"command{number}"
            spent = _cost(lambda: _batch(papers, folder, holder, children, pki, work), holder.pid, *pids)  # noqa: B023 - called at once
            command += [spent / len(papers)]
    shutil.rmtree(out)
    medians = {name: statistics.median(values) for name, values in (("pyhanko", theirs), ("sign_file", ours), ("command", command))}
    return {
        **{f"{name}_cpu_ms": round(1000 * value, 2) for name, value in medians.items()},
        "times_faster": round(medians["pyhanko"] / medians["sign_file"], 1),
        "times_faster_with_verification_and_journal": round(medians["pyhanko"] / medians["command"], 1),
        "where_the_rest_goes": _profile(papers[:30], work, identity, secret),
    }


def _theirs(papers: list[Path], out: Path, identity: Identity, secret: bytes, pki: TrialPki) -> None:
    meta = signers.PdfSignatureMetadata("Sig1", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    if identity.kind == "pkcs12":
        signer = signers.SimpleSigner.load_pkcs12(identity.path, passphrase=secret, prefer_pss=True)
        _sign_all(papers, out, signer, meta)
        return
    from pyhanko.config.pkcs11 import TokenCriteria
    from pyhanko.sign.pkcs11 import PKCS11Signer, open_pkcs11_session

    # One process may load a token's library once: our holder has its own, so here it is free.
    with open_pkcs11_session(str(identity.module), token_criteria=TokenCriteria(label=identity.token), user_pin=secret.decode()) as session:
        _sign_all(papers, out, PKCS11Signer(session, cert_label="officer", key_label="officer", prefer_pss=True), meta)


def _sign_all(papers: list[Path], out: Path, signer: Any, meta: Any, **more: Any) -> None:
    for paper in papers:
        with paper.open("rb") as source, (out / paper.name).open("wb") as target:
            done = signers.sign_pdf(IncrementalPdfFileWriter(source), meta, signer, **more)
            target.write(done.getbuffer() if isinstance(done, io.BytesIO) else done.read())


def _ours(papers: list[Path], out: Path, holder: KeyHolder, child: Child) -> None:
    profile = load_profile("invisible")
    for paper in papers:
        sign_file(paper, out / paper.name, holder, profile, "b", child, None, Facts(datetime.now(VIETNAM)))


def _batch(papers: list[Path], out: Path, holder: KeyHolder, children: Children, pki: TrialPki, work: Path, **more: Any) -> None:
    manner = more.pop("manner", Manner(load_profile("invisible")))
    plan = Plan(manner, lambda: Facts(datetime.now(VIETNAM)), trust_folder=str(pki.trust), **{"at_once": 1, **more})
    journal = Journal(work / f"{out.name}.jsonl")
    outcomes = list(Batch(holder, plan, children, journal).run(items_of([(paper, out / paper.name) for paper in papers])))
    journal.close(done=True)
    wrong = [outcome.error.code for outcome in outcomes if outcome.error is not None]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(papers)} files were not signed: {wrong[0]}")
    shutil.rmtree(out)


def _profile(papers: list[Path], work: Path, identity: Identity, secret: bytes) -> dict[str, float]:
    """Milliseconds of wall time per file in each step of `sign_file`, measured around the calls."""
    spent: dict[str, float] = {}

    class Timed(Child):
        def call(self, task: Any, request: Any, seconds: float | None = None) -> Any:
            return _timed(spent, str(task.function).rsplit(":", 1)[1], lambda: super(Timed, self).call(task, request, seconds))

    @dataclass(frozen=True)
    class Key:
        certificate: bytes
        chain: tuple[bytes, ...]
        holder: KeyProcess

        def sign(self, attributes: bytes, mechanism: Any, digest: Any) -> bytes:
            return _timed(spent, "key", lambda: self.holder.sign(attributes, mechanism, digest))

    out = work / "profiled"
    out.mkdir()
    with KeyProcess(identity, secret) as holder, Timed(PRELOAD) as child:
        _ours(papers[:3], out, holder, child)
        spent.clear()
        key = Key(holder.certificate, holder.chain, holder)
        _timed(spent, "whole", lambda: _ours(papers, out, key, child))
    shutil.rmtree(out)
    rest = spent["whole"] - sum(value for name, value in spent.items() if name != "whole")
    return {f"{name}_ms": round(1000 * value / len(papers), 2) for name, value in {**spent, "flush, name, checks": rest}.items()}


def _timed(spent: dict[str, float], name: str, do: Callable[[], Any]) -> Any:
    started = time.perf_counter()
    try:
        return do()
    finally:
        spent[name] = spent.get(name, 0.0) + time.perf_counter() - started


def _cost(do: Callable[[], None], *pids: int | None) -> float:
    """CPU seconds of this process and of the living ones it works with."""
    before = _used(pids)
    do()
    return _used(pids) - before


def _used(pids: tuple[int | None, ...]) -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    total = own.ru_utime + own.ru_stime
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


# --------------------------------------------------------------------------------------------- services far away


@contextmanager
def _slow_authority(folder: Path) -> Iterator[tuple[TrialPki, str]]:
    """A trial authority and a timestamp service that answer after `_LATENCY` seconds, as over the country's network.

    They run in a process of their own: what they cost is not ours.
    """
    line = [sys.executable, "-c", f"from benchmarks.signing import _serve; _serve({str(folder)!r}, {_LATENCY})"]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the trial authority did not start")
        tsa = server.stdout.readline().strip()
        try:
            yield trial_pki(folder), tsa
        finally:
            server.stdin.close()


def _serve(folder: str, latency: float) -> None:
    """Inside that process: serve until the input is closed, every answer as late as if it came from far away."""
    prompt = Answering.answer

    def late(handler: Answering, *what: Any) -> None:
        time.sleep(latency)
        prompt(handler, *what)

    Answering.answer = late  # type: ignore[method-assign]
    path = Path(folder)
    with trial_authority(path) as address:
        pki = trial_pki(path, address)
        with trial_tsa(pki) as url:
            print(url, flush=True)
            sys.stdin.read()


def _lasting(work: Path, papers: list[Path], pki: TrialPki, tsa: str) -> dict[str, Any]:
    """Files per second at level B-LT: pyHanko one after another, ours one after another, ours with several under way."""
    anchors = Trust(pki.as_trust().anchors)
    rates: dict[str, float] = {}
    out = work / "lasting"
    out.mkdir()
    context = ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(anchors.anchors[0])], allow_fetching=True, revocation_mode="hard-fail"
    )
    meta = signers.PdfSignatureMetadata(
        "Sig1",
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        embed_validation_info=True,
        validation_context=context,
        use_pades_lta=False,
    )
    signer = signers.SimpleSigner.load_pkcs12(pki.identity("officer").path, passphrase=pki.passphrase, prefer_pss=True)
    rates["pyhanko_one_by_one"] = _rate(papers, lambda: _sign_all(papers, out, signer, meta, timestamper=timestamps.HTTPTimeStamper(tsa)))
    shutil.rmtree(out)
    cores = len(os.sched_getaffinity(0))
    with KeyProcess(pki.identity("officer"), pki.passphrase) as holder, Children(cores, (*PRELOAD, *VERIFYING)) as children:
        manner = Manner(load_profile("invisible"), "lt", timestamp=TimestampClient(tsa, _LOCAL))
        _batch(
            papers[:4], work / "warm", holder, children, pki, work, manner=manner, trust=anchors, fetch=EvidenceClient(_LOCAL), at_once=4
        )
        for name, at_once in (("ours_one_by_one", 1), ("ours_eight_under_way", 8)):
            fresh = {"manner": manner, "trust": anchors, "fetch": EvidenceClient(_LOCAL), "at_once": at_once}
            rates[name] = _rate(papers, lambda more=fresh, n=name: _batch(papers, work / n, holder, children, pki, work, **more))
    return {
        **{f"{name}_per_second": round(rate, 2) for name, rate in rates.items()},
        "times_faster_than_pyhanko": round(rates["ours_eight_under_way"] / rates["pyhanko_one_by_one"], 1),
        "times_faster_than_one_by_one": round(rates["ours_eight_under_way"] / rates["ours_one_by_one"], 1),
    }


def _rate(papers: list[Path], do: Callable[[], None]) -> float:
    started = time.perf_counter()
    do()
    return len(papers) / (time.perf_counter() - started)


# ------------------------------------------------------------------------------------------- a thousand, killed


def _thousand(work: Path, papers: list[Path], pki: TrialPki) -> dict[str, Any]:
    """`sohoa sign` of a folder, killed at a random moment and started again."""
    import random
    import signal

    home, out = work / "home", work / "thousand"
    home.mkdir()
    (home / "config.toml").write_text(f'[identities.can_bo]\npath = "{pki.folder}/officer.p12"\n[trust]\nfolder = "{pki.trust}"\n')
    env = {**os.environ, "SOHOA_HOME": str(home), "SOHOA_PASSPHRASE_CAN_BO": pki.passphrase.decode()}
    line = [sys.executable, "-P", "-m", "sohoa", "sign", str(papers[0].parent), "--as", "can_bo", "-o", str(out), "--profile", "invisible"]
    moment = random.SystemRandom().randrange(1, len(papers))
    started = time.perf_counter()
    with subprocess.Popen(line, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True) as running:
        while len(list(out.glob("*.pdf"))) < moment and running.poll() is None:
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGKILL)
    before = {path.name: path.stat().st_mtime_ns for path in out.glob("*.pdf")}
    done = subprocess.run(line, env=env, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    after = {path.name: path.stat().st_mtime_ns for path in out.glob("*.pdf")}
    made_again = sum(after[name] != moment_then for name, moment_then in before.items())
    return {
        "files": len(papers),
        "killed_after": len(before),
        "exit_code": done.returncode,
        "released": len(after),
        "left_over": len(list(out.iterdir())) - len(after),
        "released_twice": made_again,
        "files_per_second": round(len(papers) / seconds, 1),
    }


@contextmanager
def _token(folder: Path, pki: TrialPki) -> Iterator[Identity]:
    """A SoftHSM2 token with the officer's key and certificates."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

    libraries = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so")
    module = next(Path(library) for library in libraries if Path(library).is_file())
    (folder / "tokens").mkdir(parents=True)
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    line = ["softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", "87654321", "--pin", "123456"]
    subprocess.run(line, check=True, capture_output=True)
    key, own, above = pkcs12.load_key_and_certificates(pki.identity("officer").path.read_bytes(), pki.passphrase)
    if key is None or own is None:
        raise ValueError("officer.p12 holds no key")
    (folder / "key.der").write_bytes(key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()))
    for number, certificate in enumerate((own, *above)):
        (folder / f"{number}.crt").write_bytes(certificate.public_bytes(Encoding.DER))
    subprocess.run([sys.executable, "-c", _FILL, str(module), str(folder)], check=True)
    yield replace(Identity("officer"), kind="pkcs11", module=module, token="bench", key="officer")  # noqa: S106 - its label


_FILL = """
import sys
from pathlib import Path
import pkcs11
from cryptography import x509
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.rsa import decode_rsa_private_key
folder = Path(sys.argv[2])
session = pkcs11.lib(sys.argv[1]).get_token(token_label="bench").open(rw=True, user_pin="123456")
named = {Attribute.TOKEN: True, Attribute.LABEL: "officer", Attribute.ID: b"1", Attribute.SENSITIVE: True, Attribute.SIGN: True}
session.create_object({**decode_rsa_private_key((folder / "key.der").read_bytes()), **named})
for number, file in enumerate(sorted(folder.glob("*.crt"))):
    label, subject = ("officer", b"1") if number == 0 else ("above", b"2"), x509.load_der_x509_certificate(file.read_bytes()).subject
    session.create_object({
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
        Attribute.TOKEN: True,
        Attribute.VALUE: file.read_bytes(),
        Attribute.SUBJECT: subject.public_bytes(),
        Attribute.LABEL: label[0],
        Attribute.ID: label[1],
    })
"""
