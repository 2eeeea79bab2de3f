"""What the killable child runs: a path in, a verdict out (see verification.tasks)."""

import logging
from datetime import UTC, datetime
from pathlib import Path

from sohoa.errors import SohoaError
from verification.certificates import read_certificate
from verification.facts import gather
from verification.missing import list_addresses_of, missing_evidence
from verification.model import Verdict
from verification.policy import load_policy
from verification.services import TrustedList
from verification.signed import is_signed
from verification.tasks import Addresses, Differences, IsSigned, ListAddresses, MissingEvidence, ReadList, Signed, Verify
from verification.truststore import TrustStore, load_trust, read_items
from verification.verify import verify

_LARGEST_FILE = 512 << 20

# pyHanko logs certificate subjects and tracebacks; nothing of a file may reach a log.
for _name in ("pyhanko", "pyhanko_certvalidator", "pikepdf"):
    logging.getLogger(_name).disabled = True
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def verify_path(asked: Verify) -> Verdict:
    """Judge the file at `asked.path`. Raises UsageError for a wrong policy or trust folder, SohoaError file_too_large_to_verify."""
    policy = load_policy(asked.policy)
    return verify(_content(asked), _trust(asked), policy, _moment(asked))


def missing_path(asked: Verify) -> MissingEvidence:
    """What would help to judge the file at `asked.path`; raises as `verify_path` does."""
    return MissingEvidence(missing_evidence(gather(_content(asked)), _trust(asked), _moment(asked)))


def difference_path(asked: Verify) -> Differences:
    """What changed to the eye in the file at `asked.path`; raises as `verify_path` does."""
    from verification.difference import difference  # draws pages, which few files need

    return Differences(difference(_content(asked)))


def read_list_path(asked: ReadList) -> TrustedList:
    """The trusted list at `asked.path`; raises as `verification.trustedlist.read_list` does."""
    from verification.trustedlist import read_list  # needs the XML signature library, which verifying does not

    return read_list(Path(asked.path).read_bytes(), asked.signers)


def list_addresses(asked: ListAddresses) -> Addresses:
    """The addresses of revocation lists in the certificates of `asked.files`."""
    ders = [der for file in asked.files for kind, der in read_items(Path(file).read_bytes()) if kind in ("anchor", "certificate")]
    found = [read_certificate(der) for der in ders]
    return Addresses(tuple(dict.fromkeys(url for one in found if one for url in list_addresses_of(one))))


def _content(asked: Verify) -> bytes:
    path = Path(asked.path)
    if path.stat().st_size > _LARGEST_FILE:
        raise SohoaError("file_too_large_to_verify", megabytes=_LARGEST_FILE >> 20)
    return path.read_bytes()


def _trust(asked: Verify) -> TrustStore:
    trust = load_trust(asked.trust)
    return trust.helped_by(load_trust(asked.evidence)) if asked.evidence else trust


def _moment(asked: Verify) -> datetime:
    return datetime.fromisoformat(asked.at) if asked.at else datetime.now(UTC)


def signed_path(asked: IsSigned) -> Signed:
    """The quick look of `verification.signed` at the file at `asked.path`."""
    return Signed(is_signed(Path(asked.path).read_bytes()))
