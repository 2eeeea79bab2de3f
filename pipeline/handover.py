"""How a document passes between machines: what one stage leaves in its work folder goes through the object store.

On one machine the work folder itself passes on, and nothing here is called.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from storage.objects import Objects, replace_folder

_NAME = re.compile("[0-9a-f]{32}")  # of such a folder, and of a document's


@contextmanager
def work_of_its_own(work: Path) -> Iterator[Path]:
    """A folder below `work` for this process alone, gone when it ends. What killed processes left there is removed first: page
    pictures must not stay on a machine that will not need them again."""
    for left in work.iterdir():
        if _NAME.fullmatch(left.name) and (lock := _locked(left)) is not None:
            shutil.rmtree(left, ignore_errors=True)
            os.close(lock)
    while True:
        mine = work / uuid4().hex
        mine.mkdir(mode=0o700)
        lock = _locked(mine)
        if lock is not None and mine.is_dir():  # another process that starts may have taken it for left behind
            break
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)
        os.close(lock)


def _locked(folder: Path) -> int | None:
    """The folder's lock, which the kernel gives back however its holder ends; None when somebody has it, or it is gone."""
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def give(objects: Objects, work: Path) -> dict[str, str]:
    """Store what reading a page left in `work`, and leave nothing here: another machine may finish. Name by SHA-256."""
    stored = {file.name: objects.put(file) for file in sorted(work.iterdir()) if file.is_file()}
    shutil.rmtree(work, ignore_errors=True)
    return stored


def take(objects: Objects, work: Path, files: dict[str, str], upload: Path) -> None:
    """Lay out the work folder of a document as if all its pages had been read here; `upload` is where it lies on this machine."""
    work.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, sha in files.items():
        target = work / name
        if target.is_file() and not name.endswith(".json"):
            continue
        source = objects.path(sha)
        if name.endswith(".json"):
            note = json.loads(source.read_bytes())
            if note.get("upload"):
                note["upload"] = str(upload)
            target.write_text(json.dumps(note), encoding="utf8")
        else:
            shutil.copyfile(source, target)


def give_folder(objects: Objects, folder: Path) -> dict[str, str]:
    """Store a finished folder; path below it by SHA-256."""
    return {file.relative_to(folder).as_posix(): objects.put(file) for file in sorted(folder.rglob("*")) if file.is_file()}


def deliver(objects: Objects, files: dict[str, str], target: Path) -> None:
    """Put the folder that `give_folder` stored in the place of `target`, whole or not at all."""
    draft = target.with_name(f".draft-{target.name}")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    try:
        for name, sha in files.items():
            place = draft / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(objects.path(sha), place)
            place.chmod(0o666 & ~_UMASK)
        replace_folder(draft, target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0o022)  # it can be read only by setting it, so once and before any thread runs
    os.umask(mask)
    return mask


_UMASK = _umask()
