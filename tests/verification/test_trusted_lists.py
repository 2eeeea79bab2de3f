"""Trusted lists of ETSI TS 119 612: whose signature makes one, what it grants and when, and how it is kept up to date."""

import base64
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.xades import XAdESSigner

from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.policy import load_policy
from verification.tasks import PRELOAD
from verification.truststore import TrustStore, load_trust
from verification.trustupdate import add_list, update_folder
from verification.verify import verify

NOW = datetime.now(UTC)
GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
WITHDRAWN = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/withdrawn"


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(PRELOAD) as child:
        yield child


def at(days: float) -> str:
    return (NOW + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture
def make(keys, trust: TrustStore) -> Callable[..., bytes]:
    """A list that names the trial root, signed by `signer`; `states` are (status, days from now), the present one first."""

    def made(states: list[tuple[str, float]], signer: str = "tsa", number: int = 1, due: float = 30, service: str = "CA/PKC") -> bytes:
        def state(kind: str, status: str, days: float) -> str:
            return f"""<{kind}><ServiceTypeIdentifier>http://uri.etsi.org/TrstSvc/Svctype/{service}</ServiceTypeIdentifier>
              <ServiceDigitalIdentity><DigitalId><X509Certificate>{base64.b64encode(trust.anchors[0]).decode()}</X509Certificate></DigitalId>
              </ServiceDigitalIdentity><ServiceStatus>{status}</ServiceStatus>
              <StatusStartingTime>{at(days)}</StatusStartingTime></{kind}>"""

        history = "".join(state("ServiceHistoryInstance", *one) for one in states[1:])
        xml = f"""<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" Id="list"><SchemeInformation>
          <TSLVersionIdentifier>5</TSLVersionIdentifier><TSLSequenceNumber>{number}</TSLSequenceNumber>
          <SchemeTerritory>VN</SchemeTerritory><ListIssueDateTime>{at(-1)}</ListIssueDateTime>
          <NextUpdate><dateTime>{at(due)}</dateTime></NextUpdate></SchemeInformation><TrustServiceProviderList><TrustServiceProvider>
          <TSPServices><TSPService>{state("ServiceInformation", *states[0])}<ServiceHistory>{history}</ServiceHistory></TSPService>
          </TSPServices></TrustServiceProvider></TrustServiceProviderList></TrustServiceStatusList>"""
        key, certificate, _ = keys(signer)
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        signed = XAdESSigner().sign(etree.fromstring(xml), key=pem, cert=certificate.public_bytes(Encoding.PEM).decode())
        return etree.tostring(signed)

    return made


@pytest.fixture
def signer(keys) -> bytes:
    return keys("tsa")[1].public_bytes(Encoding.DER)


@pytest.fixture
def folder(trust: TrustStore, tmp_path: Path) -> Path:
    """A trust folder without the root: whether it counts is for the list to say."""
    folder = tmp_path / "trust"
    folder.mkdir()
    for number, der in enumerate(trust.intermediates):
        (folder / f"{number}.crt").write_bytes(der)
    for number, der in enumerate(trust.crls):
        (folder / f"{number}.crl").write_bytes(der)
    return folder


def reason(signed: bytes, folder: Path, now: datetime | None = None) -> str:
    return verify(signed, load_trust(str(folder)), load_policy("signature"), now).reason_code


def test_a_granted_service_makes_its_certificates_trusted(make, signer: bytes, folder: Path, child: Child, signed: bytes) -> None:
    assert reason(signed, folder) == "signer_not_trusted"
    added = add_list(folder, "list.xml", make([(GRANTED, -300)]), signer, child)
    assert (added.state, added.services) == ("new", 1)
    assert reason(signed, folder) == "all_valid"


def test_a_withdrawn_service_does_not_count_after_its_end(make, signer: bytes, folder: Path, child: Child, signed: bytes) -> None:
    add_list(folder, "list.xml", make([(WITHDRAWN, -2), (GRANTED, -300)]), signer, child)
    assert reason(signed, folder) == "service_not_granted"


def test_history_counts_for_a_time_when_the_service_was_still_granted(make, signer: bytes, folder: Path, child: Child) -> None:
    add_list(folder, "list.xml", make([(WITHDRAWN, -2), (GRANTED, -100), (WITHDRAWN, -300)]), signer, child)
    store = load_trust(str(folder))
    (root,) = store.listed_services
    granted = [store.granted(root, "signature", NOW + timedelta(days=days)) for days in (-200, -50, -1)]
    assert granted == [False, True, False]


def test_a_service_for_timestamps_alone_does_not_vouch_for_signers(make, signer: bytes, folder: Path, child: Child, signed: bytes) -> None:
    add_list(folder, "list.xml", make([(GRANTED, -300)], service="TSA/QTST"), signer, child)
    assert reason(signed, folder) == "trusted_list_outdated"


def test_a_list_that_is_out_of_date_decides_nothing(make, signer: bytes, folder: Path, child: Child, signed: bytes) -> None:
    add_list(folder, "list.xml", make([(GRANTED, -300)], due=-0.5), signer, child)
    assert reason(signed, folder) == "trusted_list_outdated"


@pytest.mark.parametrize("what", ["another signer", "a changed list", "no signature", "no XML"])
def test_a_list_that_the_named_certificate_did_not_sign_is_refused(make, signer: bytes, folder: Path, child: Child, what: str) -> None:
    content = make([(GRANTED, -300)], signer="officer" if what == "another signer" else "tsa")
    if what == "a changed list":
        content = content.replace(b"Svctype/CA/PKC", b"Svctype/CA/QCX", 1)
    elif what == "no signature":
        root = etree.fromstring(content)
        root.remove(root.find("{http://www.w3.org/2000/09/xmldsig#}Signature"))
        content = etree.tostring(root)
    elif what == "no XML":
        content = b"hello"
    with pytest.raises(SohoaError, match="trusted_list_unsigned"):
        add_list(folder, "list.xml", content, signer, child)
    assert list(folder.glob("*.tsl.json")) == []


def test_an_older_list_never_takes_the_place_of_a_newer_one(make, signer: bytes, folder: Path, child: Child) -> None:
    add_list(folder, "list.xml", make([(GRANTED, -300)], number=7), signer, child)
    with pytest.raises(SohoaError, match="trusted_list_older"):
        add_list(folder, "list.xml", make([(GRANTED, -300)], number=6), signer, child)


def test_updating_fetches_every_list_again_and_one_dead_source_stops_no_other(make, signer: bytes, folder: Path, child: Child) -> None:
    add_list(folder, "https://one.example/list", make([(GRANTED, -300)]), signer, child)
    newer = make([(WITHDRAWN, -1), (GRANTED, -300)], number=2)

    def fetch(url: str, _: bytes) -> bytes:
        if url == "https://one.example/list":
            return newer
        raise SohoaError("net_failed")

    states = {one.what: one.state for one in update_folder(folder, fetch, child)}
    assert states["https://one.example/list"] == "new"
    assert load_trust(str(folder)).trusted_lists[0].sequence == 2
    failing = update_folder(folder, lambda *_: (_ for _ in ()).throw(SohoaError("net_failed")), child)
    assert failing[0].state == "net_failed"
    assert load_trust(str(folder)).trusted_lists[0].sequence == 2


def test_the_version_of_the_trust_tells_lists_apart(make, signer: bytes, folder: Path, child: Child) -> None:
    add_list(folder, "list.xml", make([(GRANTED, -300)]), signer, child)
    one = load_trust(str(folder)).version
    add_list(folder, "list.xml", make([(WITHDRAWN, -1), (GRANTED, -300)], number=2), signer, child)
    assert load_trust(str(folder)).version != one


def test_the_command_takes_a_list_from_a_file(make, signer: bytes, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_bytes(make([(GRANTED, -300)]))
    (tmp_path / "signer.crt").write_bytes(signer)
    command = [sys.executable, "-m", "sohoa", "trust", "update", tmp_path / "list.xml", "--trust", folder]
    env = {"PATH": "/usr/bin:/bin", "SOHOA_HOME": str(tmp_path / "home")}
    asked = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert (asked.returncode, "trusted_list_signer_missing" in asked.stderr) == (2, True)
    done = subprocess.run([*command, "--signer", tmp_path / "signer.crt"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(load_trust(str(folder)).trusted_lists) == 1
