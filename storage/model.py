"""What storage passes on: documents, leases, outcomes, progress. Plain frozen objects."""

from typing import Any, Literal

from msgspec import Struct, field

Stage = Literal["open", "page", "finish", "sign"]
DocumentStatus = Literal["waiting", "done", "review", "partial", "failed"]
BatchState = Literal["open", "cancelled"]

INTERACTIVE, BULK = 0, 1  # priorities: somebody waits in front of the screen, or nobody does
MOST_DEATHS = 3  # a unit that took this many workers with it is not tried again
LOCAL = "local"  # the queue of batches that their own process works off: no message is sent for it


class NewDocument(Struct, frozen=True):
    """An upload that intake accepted or refused (`error_code`). `dossier` names the dossier (hồ sơ) it belongs to."""

    source: str
    name: str
    sha256: str
    error_code: str | None = None
    dossier: str | None = None


class Document(Struct, frozen=True):
    """One row of a batch. `facts` is what opening found, `summary` what the batch report shows.

    `files` names the delivered files by their objects, where results are kept in the object store.
    """

    id: str
    batch: str
    position: int
    source: str
    name: str
    sha256: str
    media_type: str | None
    facts: dict[str, Any]
    pages: int
    status: DocumentStatus
    error_code: str | None
    summary: dict[str, Any]
    seconds: float
    files: dict[str, str] = field(default_factory=dict)
    dossier: str | None = None


class Terms(Struct, frozen=True):
    """How a batch is to be treated, apart from what is to be done with its documents.

    `queue` is where its units wait; `queues` sends single stages elsewhere, as signing to where the key is. `office` is
    whose share of the workers it uses, `weight` how large that share is. `most_waiting` is the office's quota of documents
    that may wait at once, None for no limit. `notify` writes an event to the outbox for every document that is over,
    `ring` a message for every unit that waits for a worker.
    """

    queue: str = "reading"
    queues: dict[str, str] = field(default_factory=dict)
    priority: int = BULK
    office: str = ""
    weight: float = 1.0
    most_waiting: int | None = None
    notify: bool = False
    ring: bool = False


class Claim(Struct, frozen=True):
    """A lease on one unit of work. `attempt` is the fencing token: a finish with an older one is refused.

    `deaths` counts workers lost on it, `tries` failures that may pass by themselves, `cause` is the code of the last one.
    """

    unit: int
    document: str
    batch: str
    stage: Stage
    page: int
    attempt: int
    deaths: int
    tries: int = 0
    cause: str | None = None


class Opened(Struct, frozen=True):
    """Opening is over: the document has `pages` pages to read."""

    media_type: str
    pages: int
    facts: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0


class PageRead(Struct, frozen=True):
    """One page is over; `result` is what finishing needs of it, as JSON, `files` what it left, name by object.

    `failed` is the code of a page that could not be read.
    """

    result: str
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    failed: str | None = None


class SearchText(Struct, frozen=True):
    """What a document is found by: the text of one page, or of its fields (page 0)."""

    page: int
    body: str


class Unsigned(Struct, frozen=True):
    """The document is built and waits for a signature, which is a stage of its own.

    `summary` is what the signature is added to; `files` are the built ones, name by object, where machines pass them on.
    """

    summary: dict[str, Any]
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)


class Finished(Struct, frozen=True):
    """The document is over, well or badly."""

    status: DocumentStatus
    error_code: str | None = None
    summary: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    files: dict[str, str] = field(default_factory=dict)
    texts: tuple[SearchText, ...] = ()


Outcome = Opened | PageRead | Unsigned | Finished


class Progress(Struct, frozen=True):
    """Counts of one batch, for the progress bar. `pages_total` grows while documents are being opened."""

    documents: int
    documents_over: int
    pages_total: int
    pages_over: int
    units_left: int


class Batch(Struct, frozen=True):
    """One batch as an operator sees it. `statuses` counts its documents by status; times are Unix seconds."""

    id: str
    out: str
    office: str
    priority: int
    state: BatchState
    created: float
    statuses: dict[str, int]
    pages: int


class DeadLetter(Struct, frozen=True):
    """A unit of work that was given up: `page` is 0 where the whole document is meant."""

    unit: int
    batch: str
    document: str
    name: str
    stage: Stage
    page: int
    cause: str
    deaths: int
    tries: int


class QueueLoad(Struct, frozen=True):
    """One queue: units that wait, how long the first of them has waited, units in work, and the mean seconds of a unit."""

    queue: str
    ready: int
    oldest_seconds: float
    leased: int
    delayed: int
    unit_seconds: float
