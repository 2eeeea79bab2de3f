"""The shapes of requests and answers, for the published description; answers are made elsewhere and may hold more."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from signing.model import Level

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Wish(BaseModel):
    """What is to be done with a batch: `sign` names an identity, `exports` are further files."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    sign: str = ""
    level: Level = "b"
    countersign: bool = False
    reader: Literal["default", "lines", "tesseract"] = "default"
    size: Literal["archive", "small"] = "archive"
    archive: Literal["keep", "render"] = "keep"
    exports: tuple[Literal["hocr", "alto"], ...] = ()
    priority: Literal["interactive", "bulk"] = "interactive"


class HandIn(Wish):
    """`batch` is one that was opened; without it this opens one of its own, as wished. `name` is the file's when it is the body."""

    batch: str = ""
    name: str = ""


class Problem(BaseModel):
    """Problem details (RFC 9457); `code` is stable, the sentences are not."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    text_vi: str
    text_en: str
    next_vi: str
    next_en: str


class Batch(BaseModel):
    """`statuses` counts documents by status; `exit_code` is None while some wait."""

    id: str
    state: Literal["open", "cancelled"]
    created: float
    statuses: dict[str, int]
    pages: int
    exit_code: int | None


class Batches(BaseModel):
    """The newest first."""

    batches: list[Batch]


class Result(BaseModel):
    """A file of the document's folder."""

    name: str
    sha256: Sha256
    url: str


class Document(BaseModel):
    """Its row of batch.json (docs/commands.md) with ids and results."""

    model_config = ConfigDict(extra="allow")
    id: str
    batch: str
    position: int
    source: str
    name: str
    sha256: str
    status: Literal["waiting", "done", "review", "partial", "failed"]
    error_code: str | None
    pages: int
    seconds: float
    results: list[Result]


class Documents(BaseModel):
    """In the order of the batch."""

    documents: list[Document]


class Page(BaseModel):
    """`error_code` says why a page could not be read."""

    page: int
    state: Literal["ready", "leased", "delayed", "done", "cancelled"]
    error_code: str | None


class Pages(BaseModel):
    """In page order."""

    pages: list[Page]


class Fields(BaseModel):
    """What a paper says (docs/fields.md)."""

    template: str | None
    template_version: str | None
    fields: list[dict[str, Any]]
    checks: list[dict[str, Any]] | None


class NewUpload(BaseModel):
    """`sha256`, when given, is what the file must be."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=1, max_length=255)]
    sha256: Sha256 | None = None


class Upload(BaseModel):
    """PUT the file to `url` before `expires` (Unix seconds), then name `upload` in POST /v1/documents."""

    upload: str
    method: Literal["PUT"]
    url: str
    expires: float


class Sign(BaseModel):
    """`identity` is one of the server's settings."""

    model_config = ConfigDict(extra="forbid")
    identity: str
    level: Level = "b"
    profile: str = ""


class Certify(BaseModel):
    """`original` and `checklist` are what `sohoa certify` reads from the officer's two files (docs/certified-copies.md)."""

    model_config = ConfigDict(extra="forbid")
    original: dict[str, Any]
    checklist: dict[str, bool]
    certifier: str
    agency: str
