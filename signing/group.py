"""Keys whose owner approves a list of signatures at once: remote services, and the officer's own computer.

Asking is slow and concerns a person, so it is done for many documents together, and what was asked must be found again
after a restart instead of being asked a second time.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from signing.model import Approval, Digest, Mechanism, Notes, Order, Padding
from sohoa.errors import SohoaError


class FarKey:
    """The part of a `signing.model.KeyHolder` that knows its certificates: DER, the signer's first."""

    def __init__(self, certificates: Sequence[bytes]) -> None:
        self._certificate, *above = certificates
        self._chain = tuple(dict.fromkeys(above))

    @property
    def certificate(self) -> bytes:
        """The signer's certificate, DER."""
        return self._certificate

    @property
    def chain(self) -> tuple[bytes, ...]:
        """The other certificates that are known where the key is, DER."""
        return self._chain


class GroupKey(FarKey, ABC):
    """A `signing.model.KeyHolder` that is best asked for many signatures in one go.

    `largest` is how many one request may hold; `padding` the only RSA padding it can make, with SHA-256 then;
    None when it can make each.
    """

    largest: int = 50
    padding: Padding | None = None

    @abstractmethod
    def sign_group(self, orders: Sequence[Order], notes: Notes) -> Iterator[tuple[int, bytes]]:
        """(position in `orders`, raw signature), each once and as they come.

        Called again with equal orders and the notes of before, it goes on waiting for what was asked then. Raises SohoaError
        remote_rejected, remote_expired and others of the key; what was given out before stays good.
        """

    def can_sign(self, orders: Sequence[Order]) -> None:
        """Raises SohoaError key_cannot_sign when one of `orders` wants what this key cannot make."""
        if self.padding == "compat" and any((order.mechanism, order.digest) != ("rsassa_pkcs1v15", "sha256") for order in orders):
            raise SohoaError("key_cannot_sign")

    def sign(self, attributes: bytes, mechanism: Mechanism, digest: Digest) -> bytes:
        """The raw signature over `attributes`, waiting for its approval."""
        return self.sign_order(Order(attributes, mechanism, digest))

    def sign_order(self, order: Order) -> bytes:
        """The raw signature of one order, waiting for its approval."""
        for _, signature in self.sign_group((order,), Forgetful()):
            return signature
        raise SohoaError("remote_failed")


class Forgetful:
    """Notes of a single signature that nobody resumes."""

    def recall(self, request: str) -> str:
        """Nothing."""
        return ""

    def keep(self, request: str, transaction: str) -> None:
        """Nothing is kept."""

    def tell(self, state: Approval, orders: int) -> None:
        """Nobody listens."""


@contextmanager
def awaited(notes: Notes, orders: int) -> Iterator[None]:
    """Tell that `orders` signatures wait for their approval, and what became of it when the block ends."""
    notes.tell("pending", orders)
    try:
        yield
    except SohoaError as error:
        if error.code in ("remote_rejected", "remote_expired"):
            notes.tell("rejected" if error.code == "remote_rejected" else "expired", orders)
        raise
    notes.tell("approved", orders)


def request_id(orders: Sequence[Order]) -> str:
    """The name of one request, which a service sees: the same for the same orders, after a restart too."""
    whole = sha256()
    for order in orders:
        whole.update(order.id.encode())
    found = whole.hexdigest()[:32]
    # Written as a UUID, the only form that every service takes.
    return "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))
