"""What signing passes on: identities, key holders, profiles, the facts an appearance shows, and signed files.

Boxes are (x0, y0, x1, y1) in PDF points (1/72 inch) from the top left of the page as a reader sees it.
"""

import hashlib
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

Box = tuple[float, float, float, float]
Level = Literal["b", "t", "lt", "lta"]
LONG_TERM: frozenset[Level] = frozenset(("lt", "lta"))  # they carry the evidence with them
Padding = Literal["standard", "compat"]
Mechanism = Literal["rsassa_pss", "rsassa_pkcs1v15", "ecdsa"]
Digest = Literal["sha256", "sha384", "sha512"]
Corner = Literal["top_left", "top_right", "bottom_left", "bottom_right"]
# How an appearance stands when its law's place was taken: on one line there, elsewhere on the page, or not shown at all.
Placement = Literal["", "one_line", "elsewhere", "hidden"]

CertificateStatus = Literal["good", "unknown", "not_asked"]
Kind = Literal["pkcs12", "pkcs11", "csc", "csc2", "smartca", "mysign", "agent"]
Approval = Literal["pending", "approved", "rejected", "expired"]

VIETNAM = timezone(timedelta(hours=7))
POINTS_PER_MM = 72 / 25.4


class Algorithm(Struct, frozen=True):
    """SHA-2 and, for RSA, RSASSA-PSS (`standard`, TT 15/2025/TT-BKHCN PL I) or PKCS#1 v1.5 for old verifiers (`compat`)."""

    digest: Digest = "sha256"
    padding: Padding = "standard"


STANDARD = Algorithm()


class Identity(Struct, frozen=True):
    """Somebody who signs: an officer or an agency. The secret is handed in apart from it.

    `pkcs12`: `path` is the file. `pkcs11`: `module` is the vendor's library, `token` the label or serial number of the
    token or HSM partition, `key` the label of the key or its id in hex; empty names mean the only one there. `path` may
    then name a PEM or DER file of certificates, for devices that store none. `csc`, `csc2`: `url` is the remote service's
    address up to "/credentials", `key` its name of the credential; with `client` the bearer token is asked of the service's
    own OAuth 2.0 server. `smartca`, `mysign`: `client` is the office's name at the service, `user` the signer's, `key` chooses
    among several certificates, `space` is MySign's profile. `agent`: `url` is where the officer's computer finds us.
    """

    name: str
    path: Path = Path()
    kind: Kind = "pkcs12"
    module: Path | None = None
    token: str = ""
    key: str = ""
    url: str = ""
    client: str = ""
    user: str = ""
    space: str = ""


class KeyHolder(Protocol):
    """Whoever holds a private key and sees nothing but signed attributes (design rule 8).

    A local process, a token, a remote service and the officer's own computer differ only behind this.
    Certificates are DER.
    """

    @property
    def certificate(self) -> bytes:
        """The signer's certificate."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates above it, as far as the holder knows them, in no promised order."""
        ...

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        """The raw signature over the DER signed attributes (RFC 5652 §5.4)."""
        ...


class Order(Struct, frozen=True):
    """One signature that is wanted, with what the person who approves it is shown.

    `attributes` are the DER signed attributes, `content` the digest of the document that they name; `name` is the file's,
    `sha256` (hex) and `pages` those of the file as it came in. Of all this only digests may leave for a remote service.
    """

    attributes: bytes
    mechanism: Mechanism
    digest: Digest
    name: str = ""
    pages: int = 0
    sha256: str = ""
    content: bytes = b""

    @property
    def hashed(self) -> bytes:
        """The digest that is signed."""
        return hashlib.new(self.digest, self.attributes).digest()

    @property
    def id(self) -> str:
        """Names this order to services that want a short name; the same after a restart."""
        return hashlib.sha256(self.attributes).hexdigest()[:32]


class Notes(Protocol):
    """What a key whose owner approves later must find again after a restart, and where it tells how things stand."""

    def recall(self, request: str) -> str:
        """The transaction kept for `request`, "" when there is none."""
        ...

    def keep(self, request: str, transaction: str) -> None:
        """Keep `transaction` on the disk before anything else happens."""
        ...

    def tell(self, state: Approval, orders: int) -> None:
        """`orders` signatures are in this state now."""
        ...


class LegalBasis(Struct, frozen=True):
    """The rule a profile or a wording follows, in the words of an office."""

    vi: str
    en: str


class Place(Struct, frozen=True):
    """Where an appearance goes.

    `corner`: that corner of the page, `margin_mm` (x, y) away from its edges; when something stands there, the nearest free
    place within `search_mm` (width, height) of that corner, then anywhere on the page. `seal`: over the earlier signature, so
    that the seal's right part covers `share` of the earlier image's width from its left edge. `given`: the caller's own
    box, else between the position and the name that the page shows. `hidden_if_full`: on a page without any free place the
    signature is made without a display, which that law allows; else it is refused.
    """

    kind: Literal["corner", "seal", "given", "none"]
    page: Literal["first", "last"] = "first"
    corner: Corner = "top_right"
    margin_mm: tuple[float, float] = (10.0, 10.0)
    search_mm: tuple[float, float] = (90.0, 60.0)
    share: float = 1 / 3
    hidden_if_full: bool = False


class Profile(Struct, frozen=True):
    """One way a signature looks, after one rule of law; read from `signing/profiles/*.yaml`.

    `image`: `never` shows none even if one is given, `optional` falls back on `lines`. `image_mm` is (width, height):
    for a seal its true size, else the room the image is fitted into. `lines` hold `{placeholders}` of `Facts`.
    `after_person` refuses to sign unless another person's intact signature is already there (NĐ 30/2020 Điều 32 k.2d).
    """

    name: str
    version: int
    legal_basis: LegalBasis
    valid_from: date
    valid_to: date | None
    place: Place
    image: Literal["never", "optional"] = "never"
    image_mm: tuple[float, float] = (50.0, 20.0)
    lines: tuple[str, ...] = ()
    font: str = "LiberationSerif-Regular"
    font_size: float = 10.0
    colour: tuple[float, float, float] = (0.0, 0.0, 0.0)
    width_mm: float = 60.0
    after_person: bool = False


class Facts(Struct, frozen=True):
    """What one signature shows and where. Empty strings are facts nobody gave.

    `signed_at` must know its time zone. `image` is a PNG with a transparent ground. `image_mm` is the true size of this
    seal when it differs from the profile's. `page` (from 1) and `box` override the profile's place; `avoid` are the
    boxes of words on that page, never to be covered.
    """

    signed_at: datetime
    signer: str = ""
    position: str = ""
    agency: str = ""
    document_number: str = ""
    copy_form: str = ""
    captured_at: datetime | None = None
    image: Path | None = None
    image_mm: tuple[float, float] | None = None
    page: int | None = None
    box: Box | None = None
    avoid: tuple[Box, ...] = ()


class SeenWord(Struct, frozen=True):
    """A word that was read from a page's picture, and where it stands."""

    text: str
    box: Box


class SeenPage(Struct, frozen=True):
    """What was read on page `number` (from 1)."""

    number: int
    words: tuple[SeenWord, ...]


class Trust(Struct, frozen=True):
    """Certificates (DER) to which a signer must chain, and the CRLs and OCSP answers (DER) at hand. Empty means: not asked."""

    anchors: tuple[bytes, ...] = ()
    intermediates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()


class SignedFile(Struct, frozen=True):
    """A signed PDF. `box` is where its appearance stands on `page` (from 1), None when invisible.

    `certificate_status` is what was known of the signer's revocation before signing: who signs must be warned when it
    could not be learnt (TT 15/2025/TT-BKHCN PL II 1.2). `placement` tells when the appearance is not where its law wants it.
    """

    path: Path
    sha256: str
    field: str
    level: Level
    page: int | None = None
    box: Box | None = None
    profile: str = ""
    signed_at: datetime | None = None
    certificate_status: CertificateStatus = "not_asked"
    placement: Placement = ""


def vietnam_time(moment: datetime) -> str:
    """ISO 8601 to the second in Vietnam's time zone, "2026-04-20T14:30:45+07:00" (NĐ 30/2020, Phụ lục I, Phần II)."""
    return moment.astimezone(VIETNAM).isoformat(timespec="seconds")
