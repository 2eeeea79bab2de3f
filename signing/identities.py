"""Opens a signing identity, wherever its key is: in a file, on a token, at a remote service, or on the officer's own computer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from signing.agent_desk import AgentKey, DeskAccess
from signing.keyholder import KeyProcess
from signing.model import Identity, KeyHolder
from signing.mysign import MySignAccess, MySignKey
from signing.remote import RemoteAccess, RemoteKey
from signing.remote_v2 import RemoteAccessV2, RemoteKeyV2
from signing.service import Patience
from signing.smartca import SmartCaAccess, SmartCaKey
from sohoa.errors import UsageError
from sohoa.net import NetworkClient


@contextmanager
def open_identity(
    identity: Identity,
    secret: bytes,
    network: NetworkClient | None = None,
    login: str = "",
    one_time_password: Callable[[], str] | None = None,
    desk: DeskAccess | None = None,
    patience: Patience | None = None,
) -> Iterator[KeyHolder]:
    """The key holder of `identity`, open as long as the block lasts.

    `secret` is the passphrase of a PKCS#12, the PIN of a token (empty when it has a PIN pad) or of a remote credential
    (empty when it asks for none). For a remote service, `network` decides who may be asked and how long one request may
    take, `login` is what the service itself wants: a bearer token, or the office's password or secret there, and `patience`
    is how long an approval is waited for. `desk` is where an agent calls. Raises SohoaError of `signing.keyholder`,
    `signing.token_key`, `signing.remote`, `signing.remote_v2`, `signing.smartca`, `signing.mysign` and `signing.agent_desk`.
    """
    client, waits = network or NetworkClient(), patience or Patience()
    if identity.kind == "csc":
        pin = secret.decode("utf8", "replace")
        yield RemoteKey(RemoteAccess(identity.url, identity.key, login, pin, one_time_password, client))
    elif identity.kind == "csc2":
        pin = secret.decode("utf8", "replace")
        yield RemoteKeyV2(RemoteAccessV2(identity.url, identity.key, login, identity.client, pin, one_time_password, client, waits))
    elif identity.kind == "smartca":
        yield SmartCaKey(SmartCaAccess(identity.url, identity.client, identity.user, login, identity.key, client, waits))
    elif identity.kind == "mysign":
        yield MySignKey(MySignAccess(identity.url, identity.client, identity.user, login, identity.space, identity.key, client, waits))
    elif identity.kind == "agent":
        if desk is None:
            raise UsageError("agent_not_paired")
        with AgentKey(desk) as agent:
            yield agent
    else:
        with KeyProcess(identity, secret) as holder:
            yield holder
