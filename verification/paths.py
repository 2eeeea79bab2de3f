"""Certificate paths from a signer to a trust anchor (RFC 5280, 6.1), over certificates from anywhere.

Where a path's certificates are taken from does not matter (the message, the document security store, the trust folder):
what matters is that each was signed by the next and that the last one is an anchor of the trust store.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from verification.certificates import Certificate, issued_by, read_certificate

_LONGEST = 10
_MOST_TRIES = 300


class Pool(Struct, frozen=True):
    """Certificates by subject, and which of them are anchors."""

    by_subject: dict[str, tuple[Certificate, ...]]
    anchors: frozenset[bytes]

    @classmethod
    def of(cls, anchors: Iterable[bytes], others: Iterable[bytes]) -> "Pool":
        """A pool of DER certificates; unreadable ones are left out."""
        trusted = list(anchors)
        found: dict[str, dict[bytes, Certificate]] = {}
        for der in (*trusted, *others):
            certificate = read_certificate(der)
            if certificate is not None:
                found.setdefault(certificate.subject, {})[der] = certificate
        return cls({subject: tuple(group.values()) for subject, group in found.items()}, frozenset(trusted))


class Path(Struct, frozen=True):
    """From the signer (first) to the anchor (last). `rules` is False when it breaks a rule of RFC 5280, None when undecided."""

    certificates: tuple[Certificate, ...]
    rules: bool | None = True

    @property
    def below_anchor(self) -> tuple[Certificate, ...]:
        """All but the anchor: those whose time and status are to be judged."""
        return self.certificates[:-1] if len(self.certificates) > 1 else ()


def find_path(signer: Certificate, pool: Pool, moment: datetime) -> Path | None:
    """The best path to an anchor: one that keeps the rules and is valid at `moment` before any other; None without any."""
    best: Path | None = None
    tries = 0
    stack: list[tuple[Certificate, ...]] = [(signer,)]
    while stack and tries < _MOST_TRIES:
        chain = stack.pop()
        tries += 1
        if chain[-1].der in pool.anchors:
            path = Path(chain, _keeps_rules(chain, moment))
            if path.rules and all(c.valid_at(moment) for c in path.below_anchor):
                return path
            best = path if best is None or (path.rules and not best.rules) else best
            continue
        if len(chain) < _LONGEST:
            stack += [(*chain, issuer) for issuer in _issuers(chain[-1], pool) if issuer not in chain]
    return best


def _issuers(certificate: Certificate, pool: Pool) -> list[Certificate]:
    """Those whose key signed it, anchors last so that they are tried first."""
    named = [c for c in pool.by_subject.get(certificate.issuer, ()) if c.der != certificate.der and issued_by(certificate, c)]
    return sorted(named, key=lambda c: c.der in pool.anchors)


def _keeps_rules(chain: tuple[Certificate, ...], moment: datetime) -> bool | None:
    if any(c.unknown_critical for c in chain[:-1]):
        return None
    for above, issuer in enumerate(chain[1:]):
        if issuer.der == chain[-1].der and issuer.self_issued and not issuer.is_ca and issuer.key_usage is None:
            continue  # an X.509 v1 root: being an anchor is all it says
        if not issuer.is_ca or (issuer.key_usage is not None and "key_cert_sign" not in issuer.key_usage):
            return False
        between = sum(1 for c in chain[1 : above + 1] if not c.self_issued)
        if issuer.path_length is not None and between > issuer.path_length:
            return False
    return _full_validation(chain, moment) if any(c.needs_full_validation for c in chain) else True


def _full_validation(chain: tuple[Certificate, ...], moment: datetime) -> bool | None:
    """Name constraints and policy rules, by pyHanko's path validator; expiry is judged elsewhere."""
    from asn1crypto import x509
    from pyhanko_certvalidator.authority import CertTrustAnchor
    from pyhanko_certvalidator.context import ValidationContext
    from pyhanko_certvalidator.errors import ExpiredError, NotYetValidError, PathValidationError
    from pyhanko_certvalidator.path import ValidationPath
    from pyhanko_certvalidator.validate import async_validate_path

    loaded = [x509.Certificate.load(c.der) for c in chain]
    path = ValidationPath(CertTrustAnchor(loaded[-1]), loaded[-2:0:-1], loaded[0])
    context = ValidationContext(trust_roots=[loaded[-1]], allow_fetching=False, revocation_mode="soft-fail", moment=moment)
    try:
        async_validate_path(context, path).send(None)
    except StopIteration:
        return True
    except (ExpiredError, NotYetValidError):
        return True
    except PathValidationError:
        return False
    except Exception:  # noqa: BLE001 - odd certificates make it raise many kinds; none of them is a yes
        return None
    return None  # it wanted to wait for something: not decided
