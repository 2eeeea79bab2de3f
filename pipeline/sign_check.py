"""What our own verifier must say before a signature is made, and before a signed file is let out.

Every signed file passes here: the new signature must be sound, and every earlier one must be as intact as before (design
rule 6). An agency signs only after the competent person, whose signature must be valid and not merely there (Decree
30/2020/ND-CP, Article 32.2).
"""

from pathlib import Path
from typing import Any

from sohoa.child import Child
from sohoa.errors import SohoaError
from verification.model import Verdict
from verification.tasks import Verify, verify_in_child

_SOUND = ("intact", "extended")


def whole_is_sound(part: Path, field: str, child: Child, trust: str) -> dict[str, Any]:
    """What the report says of a finished file whose new signature is in `field`.

    Raises SohoaError earlier_signature_broken, output_not_sound.
    """
    verdict = _verdict(part, child, trust)
    new = next((one for one in verdict.signatures if one.field == field), None)
    if any(one.integrity not in _SOUND for one in verdict.signatures if one is not new):
        raise SohoaError("earlier_signature_broken")
    # A chain that nobody was told to trust leaves a signature undecided, never invalid.
    if new is None or new.integrity not in _SOUND or new.verdict == "invalid" or verdict.integrity not in _SOUND:
        raise SohoaError("output_not_sound")
    return {"verdict": verdict.verdict, "integrity": verdict.integrity, "signatures": len(verdict.signatures)}


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
