"""One door to every kind of key; the kinds themselves are shown in test_keyholder, test_token and test_remote."""

from pathlib import Path

import pytest

from signing.certificate import signature_matches
from signing.identities import open_identity
from signing.model import Identity, KeyHolder
from signing.trial import TrialPki
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient, NetworkRules


def signs(holder: KeyHolder) -> bool:
    value = holder.sign(b"1\x00", "rsassa_pss", "sha256")
    return signature_matches(holder.certificate, "rsassa_pss", "sha256", b"1\x00", value)


def test_a_file_and_a_token_are_opened_alike(pki: TrialPki, token: object) -> None:
    with open_identity(pki.identity("officer"), pki.passphrase) as holder:
        assert signs(holder)
    with open_identity(token.identity(), token.pin) as holder:  # type: ignore[attr-defined]
        assert signs(holder)


def test_a_remote_service_is_asked_under_the_rules_of_the_network() -> None:
    remote = Identity("officer", kind="csc", url="https://127.0.0.1:9/csc/v1", key="x")
    with pytest.raises(SohoaError, match="net_address"), open_identity(remote, b""):
        pass
    with pytest.raises(SohoaError, match="net_failed"), open_identity(remote, b"", NetworkClient(NetworkRules(loopback=True))):
        pass


def test_a_key_process_ends_with_the_block(pki: TrialPki) -> None:
    with open_identity(pki.identity("officer"), pki.passphrase) as holder:
        pid = holder.pid  # type: ignore[attr-defined]
        assert Path(f"/proc/{pid}").exists()
    assert not Path(f"/proc/{pid}").exists()
