"""How signatures look, as data: one YAML file per rule of law, each with its legal basis and validity dates.

An operator adds profiles, or later versions of ours, in a folder of their own (`load_profile(name, folder)`); a file
there replaces ours of the same name.
"""

import re
from importlib.resources import files
from pathlib import Path

import msgspec

from signing.model import Facts, Profile, vietnam_time
from sohoa.errors import UsageError


def load_profile(name: str, folder: Path | None = None) -> Profile:
    """The profile `name`. Raises UsageError profile_unknown, profile_unreadable."""
    if not re.fullmatch(r"[a-z0-9_]+", name):
        raise UsageError("profile_unknown")
    own = folder / f"{name}.yaml" if folder else None
    source = own if own and own.is_file() else files("signing").joinpath("profiles", f"{name}.yaml")
    if not source.is_file():
        raise UsageError("profile_unknown")
    try:
        profile = msgspec.yaml.decode(source.read_bytes(), type=Profile)
    except (msgspec.ValidationError, msgspec.DecodeError, ValueError):
        raise UsageError("profile_unreadable", profile=name) from None
    if profile.name != name:
        raise UsageError("profile_unreadable", profile=name)
    return profile


def profile_names(folder: Path | None = None) -> tuple[str, ...]:
    """Every profile there is, ours and those of `folder`."""
    ours = [Path(file.name) for file in files("signing").joinpath("profiles").iterdir()]
    theirs = list(folder.iterdir()) if folder else []
    return tuple(sorted({path.stem for path in (*ours, *theirs) if path.suffix == ".yaml"}))


def filled_lines(profile: Profile, facts: Facts, certificate_name: str) -> tuple[str, ...]:
    """The profile's lines with their facts; `certificate_name` stands in for a signer's name nobody gave.

    A placeholder written `{name?}` may stay empty; a line of nothing but empty placeholders is left out.
    Raises UsageError profile_fact_missing.
    """
    texts = {
        "signer": facts.signer or certificate_name,
        "position": facts.position,
        "agency": facts.agency,
        "document_number": facts.document_number,
        "copy_form": facts.copy_form,
        "time": vietnam_time(facts.signed_at),
        "captured": vietnam_time(facts.captured_at) if facts.captured_at else "",
    }
    return tuple(line for line in (_filled(profile.name, line, texts) for line in profile.lines) if line)


def _filled(profile: str, line: str, texts: dict[str, str]) -> str:
    asked = re.findall(r"\{(\w+)(\??)\}", line)
    for name, optional in asked:
        if name not in texts:
            raise UsageError("profile_unreadable", profile=profile)
        if not texts[name] and not optional:
            raise UsageError("profile_fact_missing", profile=profile, fact=name)
    if asked and not any(texts[name] for name, _ in asked):
        return ""
    return re.sub(r"\{(\w+)\??\}", lambda found: texts[found[1]], line).strip()
