"""One total function: bytes, trust and a policy in, a verdict out, for every input there is.

facts = gather(data)                 what the file shows            (verification.facts)
trust = assess(facts, store, ...)    whom to believe, and when      (verification.trusting)
with_second_opinion(data, ...)       where evidence is for the long term, another engine's word (verification.second_opinion)
verdict = judge(facts, trust, ...)   what the policy makes of it    (verification.judge)
with_seal(data, verdict, ...)        the QR seal, if it bears one   (verification.qr_seal)
"""

from datetime import UTC, datetime
from time import monotonic

from msgspec.structs import replace

from verification.bounds import bounded
from verification.cancellations import Cancellations, read_lists
from verification.certified_copy import look_at_copy
from verification.facts import gather
from verification.judge import judge
from verification.model import Verdict, timed
from verification.policy import Policy, load_policy
from verification.qr_seal import with_seal
from verification.second_opinion import with_second_opinion
from verification.trusting import assess
from verification.truststore import TrustStore


@bounded()
def verify(data: bytes, trust: TrustStore | None = None, policy: Policy | None = None, now: datetime | None = None) -> Verdict:
    """The verdict on `data`. Never raises for any bytes; parses them, so untrusted bytes belong into the killable child.

    `trust` None trusts nobody, `policy` None is "signature", `now` None the present. Revocation evidence comes from the
    file itself and from `trust`; nothing is fetched.
    """
    started = monotonic()
    now = now or datetime.now(UTC)
    policy = policy or load_policy("signature")
    store = trust or TrustStore()
    facts = gather(data)
    trusted = assess(facts, store, policy, now)
    trusted = with_second_opinion(data, facts, trusted, store, policy, now)
    copy = look_at_copy(data, facts, trusted, lambda: cancellations(store, now), policy)
    verdict = judge(facts, trusted, policy, store.version, now, copy)
    verdict = with_seal(data, verdict, store, lambda: cancellations(store, now), now)
    return timed(verdict, monotonic() - started)


def cancellations(store: TrustStore, now: datetime) -> Cancellations:
    """The lists of cancelled copies in the trust folder, each verified under that same trust."""
    alone, policy = replace(store, lists=()), load_policy("signature")
    return read_lists(store, lambda data: verify(data, alone, policy, now))
