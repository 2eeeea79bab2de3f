"""Opens a signing identity, wherever its key is: in a file, on a token, or at a remote service."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from signing.keyholder import KeyProcess
from signing.model import Identity, KeyHolder
from signing.remote import RemoteAccess, RemoteKey
from sohoa.net import NetworkClient


@contextmanager
def open_identity(
    identity: Identity,
    secret: bytes,
    network: NetworkClient | None = None,
    login: str = "",
    one_time_password: Callable[[], str] | None = None,
) -> Iterator[KeyHolder]:
    """The key holder of `identity`, open as long as the block lasts.

    `secret` is the passphrase of a PKCS#12, the PIN of a token (empty when it has a PIN pad) or of a remote credential
    (empty when it asks for none). For a remote service, `network` decides who may be asked and how long one request may
    take, `login` is the bearer token of the service. Raises SohoaError of `signing.keyholder`, `signing.token_key` and
    `signing.remote`.
    """
    if identity.kind == "csc":
        client = network or NetworkClient()
        yield RemoteKey(RemoteAccess(identity.url, identity.key, login, secret.decode("utf8", "replace"), one_time_password, client))
        return
    with KeyProcess(identity, secret) as holder:
        yield holder
