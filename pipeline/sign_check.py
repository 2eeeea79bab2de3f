"""What our own verifier must say before a signature is made, and before a signed file is let out.

Every signed file passes here: the new signature must be sound, and every earlier one must be as intact as before (design
rule 6). An agency signs only after the competent person, whose signature must be valid and not merely there (Decree
30/2020/ND-CP, Article 32.2).
"""

from pathlib import Path
from typing import Any

from pipeline.looking import page_reader
from signing.certificate import common_name
from signing.longterm import Fetch
from signing.model import LONG_TERM, Facts, KeyHolder, SignedFile, Trust
from signing.sign import Manner, sign_file
from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.model import Verdict
from verification.tasks import Verify, verify_in_child
from verification.truststore import load_trust

_SOUND = ("intact", "extended")


def sign_checked(
    source: Path,
    out: Path,
    holder: KeyHolder,
    manner: Manner,
    facts: Facts,
    child: Child,
    trust: str,
    fetch: Fetch | None = None,
) -> tuple[SignedFile, Verdict]:
    """Sign one file, and say what our verifier says of it; `out` is there only when that is good.

    Of `manner` profile, level, algorithm and timestamp count. `trust` is a folder, or empty; `fetch` gets the evidence of the
    levels lt and lta.

    Raises as `signing.sign.sign_file`, `person_is_proven` and `whole_is_sound`.
    """
    if manner.profile.after_person:
        person_is_proven(source, common_name(holder.certificate), child, trust)
    found: list[Verdict] = []
    signed = sign_file(
        source,
        out,
        holder,
        manner.profile,
        manner.level,
        child,
        manner.timestamp,
        facts,
        manner.algorithm,
        trust_in(trust),
        fetch if manner.level in LONG_TERM else None,
        check=lambda part, field: found.append(_sound(part, field, child, trust)),
        look=page_reader(child),
    )
    return signed, found[0]


def trust_in(folder: str) -> Trust:
    """What must be asked before a signature, as far as it is at hand: chain and revocation (Circular 15/2025/TT-BKHCN, Article 5.1a)."""
    store = load_trust(folder or None)
    return Trust(store.anchors, store.intermediates, store.crls, store.ocsps)


def whole_is_sound(part: Path, field: str, child: Child, trust: str) -> dict[str, Any]:
    """What the report says of a finished file whose new signature is in `field`.

    Raises SohoaError earlier_signature_broken, output_not_sound.
    """
    verdict = _sound(part, field, child, trust)
    return {"verdict": verdict.verdict, "integrity": verdict.integrity, "signatures": len(verdict.signatures)}


def _sound(part: Path, field: str, child: Child, trust: str) -> Verdict:
    verdict = _verdict(part, child, trust)
    new = next((one for one in verdict.signatures if one.field == field), None)
    if any(one.integrity not in _SOUND for one in verdict.signatures if one is not new):
        raise SohoaError("earlier_signature_broken")
    # A chain that nobody was told to trust leaves a signature undecided, never invalid.
    if new is None or new.integrity not in _SOUND or new.verdict == "invalid" or verdict.integrity not in _SOUND:
        raise SohoaError("output_not_sound")
    return verdict


def person_is_proven(source: Path, certificate_name: str, child: Child, trust: str) -> None:
    """Refuse unless somebody else than `certificate_name` (the signer as reports name it) has signed validly.

    Raises SohoaError person_signature_missing, person_signature_unproven.
    """
    persons = [one for one in _verdict(source, child, trust).signatures if one.kind == "signature" and one.signer != certificate_name]
    if any(one.verdict == "valid" for one in persons):
        return
    undecided = any(one.verdict == "indeterminate" and one.integrity in _SOUND for one in persons)
    raise SohoaError("person_signature_unproven" if undecided else "person_signature_missing")


def _verdict(file: Path, child: Child, trust: str) -> Verdict:
    return verify_in_child(child, Verify(str(file), trust=trust or None), seconds=60.0)
