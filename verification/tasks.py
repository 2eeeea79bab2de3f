"""The unit of verification work that runs in a killable child. Importing this module loads no parser.

    child = Child(preload=PRELOAD)
    verdict = child.call(VERIFY, Verify("upload.pdf", trust="/srv/trust"))

Use `verify_in_child` where a total answer is wanted: a file that kills or stalls the child gets a verdict, too.
"""

from time import monotonic

from msgspec import Struct

from sohoa.child import Child, Task
from sohoa.errors import SohoaError
from verification.model import Difference, Verdict
from verification.services import TrustedList
from verification.unreadable import unreadable_path

PRELOAD = ("verification.work",)
MOST_SECONDS = 9.0  # with the end of a stalled child, an answer comes within ten


class Verify(Struct, frozen=True):
    """Judge the file at `path`.

    `trust` is a folder of certificates and revocation lists (None: nothing is trusted), `policy` the name of a file in
    `verification/policies` or the path of one. The child has no network: whoever has one puts what was
    fetched into the folder `evidence` (see verification.online), whose certificates help to build paths and are never
    anchors. `at` is the time of checking, ISO 8601, None for now.
    """

    path: str
    trust: str | None = None
    policy: str = "signature"
    at: str | None = None
    evidence: str | None = None


class Differences(Struct, frozen=True):
    """`found` is None when nothing came after the first signature."""

    found: Difference | None = None


class Source(Struct, frozen=True):
    """One address: GET it, or POST the DER OCSP `request` there."""

    url: str
    request: bytes = b""


class Missing(Struct, frozen=True):
    """One thing that is not known; any of `sources`, in this order, may tell."""

    sources: tuple[Source, ...]


class MissingEvidence(Struct, frozen=True):
    """What would help to judge a file's signatures and is not at hand."""

    items: tuple[Missing, ...] = ()


class IsSigned(Struct, frozen=True):
    """Is the file at `path` signed? For whoever must not rewrite a signed file; says nothing about validity."""

    path: str


class Signed(Struct, frozen=True):
    """The answer; in doubt it is yes."""

    signed: bool


class ReadList(Struct, frozen=True):
    """Read the trusted list (ETSI TS 119 612) at `path`, believing it when one of the DER certificates `signers` signed it."""

    path: str
    signers: tuple[bytes, ...]


class ListAddresses(Struct, frozen=True):
    """Where do the certificates in these files say that revocation lists are had?"""

    files: tuple[str, ...]


class Addresses(Struct, frozen=True):
    """The answer, each address once."""

    urls: tuple[str, ...] = ()


READ_LIST = Task("verification.work:read_list_path", ReadList, TrustedList)
LIST_ADDRESSES = Task("verification.work:list_addresses", ListAddresses, Addresses)
VERIFY = Task("verification.work:verify_path", Verify, Verdict)
DIFFERENCE = Task("verification.work:difference_path", Verify, Differences)
MISSING = Task("verification.work:missing_path", Verify, MissingEvidence)
IS_SIGNED = Task("verification.work:signed_path", IsSigned, Signed)


def difference_in_child(child: Child, request: Verify, seconds: float = MOST_SECONDS) -> Difference | None:
    """What changed to the eye since the first signature; None when nothing did, or when it cannot be shown."""
    try:
        return child.call(DIFFERENCE, request, seconds).found
    except SohoaError:
        return None


def verify_in_child(child: Child, request: Verify, seconds: float = MOST_SECONDS) -> Verdict:
    """A verdict for every file: one that could not be checked in time or memory is indeterminate with the reason.

    Configuration errors (an unknown policy, a missing trust folder) are raised as UsageError codes by the caller's own
    look before it calls; here every SohoaError of the child becomes an answer about the file.
    """
    started = monotonic()
    try:
        return child.call(VERIFY, request, seconds)
    except SohoaError as error:
        return unreadable_path(request.path, request.policy, error.code, error.facts, monotonic() - started)
