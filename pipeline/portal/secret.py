"""The secret under which upload addresses are signed: the same for every server on the same records."""

import os
import secrets
from pathlib import Path


def server_secret(state: Path) -> bytes:
    """From `SOHOA_UPLOAD_SECRET`, on which several servers must agree; else from a file in the state folder, made on first use."""
    given = os.environ.get("SOHOA_UPLOAD_SECRET", "")
    if given:
        return given.encode()
    file = state / "upload-secret"
    if not file.is_file():
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_bytes(secrets.token_bytes(32))
        draft.replace(file)
    return file.read_bytes()
