"""The stage after finishing, where a job asks for a signature: sign, check with our own verifier, deliver.

It runs where the key is: its units wait in a queue of their own that a worker serves only with that key at hand. What was
built comes in as a folder and is never changed; a process that dies here leaves nothing half-done, and doing it again
signs again what nobody was given yet.
"""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from ocr.model import Page
from pipeline.finish import Finishing, drafted, write_verdict
from pipeline.job import Job
from signing.model import VIETNAM, Facts, Profile
from signing.profiles import load_profile
from sohoa.child import Child
from sohoa.errors import SohoaError, UsageError
from storage.objects import replace_folder
from storage.records import Document, Finished
from verification.model import Verdict

_SIGNING = "signing"


def signing_queue(identity: str) -> str:
    """Where documents wait for the key called `identity`."""
    return f"{_SIGNING}.{identity}"


def is_signing(queue: str) -> bool:
    """Whether what waits in `queue` waits for a key."""
    return queue.split(".")[0] == _SIGNING


def queues_of(listed: str, identity: str = "") -> tuple[str, ...]:
    """The queues that a process serves which has the key called `identity`, or none: those `listed`, divided by commas.

    "signing" stands for its own key's. Signing comes first: what waits for the key waits for nobody else. By default a
    process signs with its key and reads. Raises UsageError queue_without_key for another key's queue.
    """
    mine = signing_queue(identity) if identity else None
    named = [mine or name if name == _SIGNING else name for name in listed.split(",") if name] or ["reading"]
    for name in named:
        if is_signing(name) and name != mine:
            raise UsageError("queue_without_key", queue=name)
    return tuple(dict.fromkeys([*([mine] if mine else []), *named]))


def sign(
    document: Document, built: Path, summary: Mapping[str, Any], pages: Sequence[Page], job: Job, child: Child, finishing: Finishing
) -> Finished:
    """Deliver the folder `built` with its signature into `<job.out>/<name>/` and say how it ended.

    What was read is not lost because it could not be signed: it is delivered as it is, and a person decides how to go on.
    Raises UsageError, and SohoaError worker_died, disk_full, out_unwritable.
    """
    target = job.folder / document.name
    with drafted(target) as draft:
        shutil.copytree(built, draft, dirs_exist_ok=True)
        try:
            verdict = _sign(draft, pages, job, child, finishing)
        except SohoaError as error:
            if isinstance(error, UsageError) or error.code == "worker_died":
                raise
            (draft / "signed.pdf").unlink(missing_ok=True)
            finished = unsigned(summary, error)
        else:
            write_verdict(draft, verdict, "signed.pdf")
            with_signatures(draft / "document.json", verdict.signatures)
            finished = Finished("done", None, {**summary, "signed_as": job.sign, "verdict": verdict.verdict})
        replace_folder(draft, target)
    return finished


def deliver_unsigned(document: Document, built: Path, summary: Mapping[str, Any], job: Job, why: SohoaError) -> Finished:
    """Deliver the folder `built` as it is, for signing it took too many workers with it."""
    target = job.folder / document.name
    with drafted(target) as draft:
        shutil.copytree(built, draft, dirs_exist_ok=True)
        replace_folder(draft, target)
    return unsigned(summary, why)


def unsigned(summary: Mapping[str, Any], why: SohoaError) -> Finished:
    """How a document ends that was to be signed and could not be."""
    return Finished("review", why.code, {**summary, "facts": why.facts})


def with_signatures(document_json: Path, signatures: Sequence[Any]) -> None:
    """Tell the signatures in the document's JSON; no other byte of it changes."""
    content = msgspec.json.decode(document_json.read_bytes(), type=dict[str, msgspec.Raw])
    content["signatures"] = msgspec.Raw(msgspec.json.encode(signatures))
    document_json.write_bytes(msgspec.json.encode(content) + b"\n")


def _sign(draft: Path, pages: Sequence[Page], job: Job, child: Child, finishing: Finishing) -> Verdict:
    if finishing.holder is None:
        raise SohoaError("identity_unreadable")
    from pipeline.sign_check import sign_checked  # few batches sign, and it takes a fifth of the start
    from signing.sign import Manner

    out = draft / "signed.pdf"
    profile: Profile = load_profile(finishing.profile)
    now = datetime.now(VIETNAM)
    shown = pages[-1] if profile.place.page == "last" else pages[0]
    facts = Facts(signed_at=now, captured_at=now, avoid=tuple(word.box for word in shown.words))
    manner = Manner(profile, job.level, finishing.algorithm, finishing.timestamp)
    _, verdict = sign_checked(draft / "document.pdf", out, finishing.holder, manner, facts, child, finishing.trust, finishing.fetch)
    return verdict
