"""What one batch was asked to do; its JSON is the batch's settings and decides whether a resumed batch is the same."""

from pathlib import Path

import msgspec
from msgspec import Struct, field

import sohoa
from ocr.tasks import Archive, Size
from signing.model import Level


class Job(Struct, frozen=True):
    """`sign` names an identity; `countersign` lets signed uploads be signed further; `exports` are further files to write,
    "hocr" and "alto"; `codes` are an office's own patterns of codes on papers, `skip_rules` a file of its own rules for what is not
    digitised; `size` "small" reduces the pictures; `archive` "render" draws born-digital uploads anew as PDF/A, their own text under them,
    where they neither are PDF/A nor signed; `most_pages` and `page_seconds` are limits."""

    out: str
    reader: str = "default"
    sign: str = ""
    countersign: bool = False
    level: Level = "b"
    templates: str = ""
    exports: tuple[str, ...] = ()
    codes: dict[str, str] = field(default_factory=dict)
    skip_rules: str = ""
    size: Size = "archive"
    archive: Archive = "keep"
    most_pages: int = 5000
    page_seconds: float = 120.0
    version: str = sohoa.__version__

    def encode(self) -> str:
        """Canonical JSON: equal jobs give equal text."""
        return msgspec.json.encode(self, order="sorted").decode()

    @property
    def folder(self) -> Path:
        """The folder that results go to."""
        return Path(self.out)


def decode(text: str) -> Job:
    """The job that `Job.encode` wrote."""
    return msgspec.json.decode(text, type=Job)
