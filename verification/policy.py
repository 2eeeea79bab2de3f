"""A policy: which checks are made of the facts, and how much each one weighs. Policies are files, not code.

Files in `verification/policies` are YAML: `name`, `version`, `law`, and `checks`, a mapping from a check's code to

    level:           fail | warn | inform
    verdict:         invalid | indeterminate          what a bad answer makes of the signature (level fail alone)
    sub_indication:  a word of ETSI EN 319 102-1, 5.1.3
    reason:          the code of the sentence that tells a person why
    unknown:         {sub_indication, reason}         when it could not be checked; the verdict is then indeterminate,
                     {level: warn}                    or only told

A check that a policy does not name is told and weighs nothing.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec.yaml
from msgspec import Struct, field

from sohoa.errors import UsageError

Level = Literal["fail", "warn", "inform"]


class Rule(Struct, frozen=True):
    """The weight of one check. `verdict` is invalid or indeterminate."""

    level: Level = "inform"
    verdict: str = "indeterminate"
    sub_indication: str | None = None
    reason: str | None = None
    unknown_sub_indication: str | None = None
    unknown_reason: str | None = None
    unknown_level: Level = "fail"


class Policy(Struct, frozen=True):
    """A named, versioned set of rules. `certified_copy`: the document must be an electronic certified copy."""

    name: str
    version: str
    law: str
    rules: Mapping[str, Rule] = field(default_factory=dict)
    certified_copy: bool = False
    limits: Mapping[str, Any] = field(default_factory=dict)

    def rule(self, code: str) -> Rule:
        """The weight of a check; a check nobody weighed informs."""
        return self.rules.get(code, Rule())


@lru_cache(maxsize=16)
def load_policy(name: str) -> Policy:
    """The policy of this name, or of this file when `name` ends in .yaml. Raises UsageError policy_unknown, policy_broken."""
    source = Path(name) if name.endswith((".yaml", ".yml")) else None
    inner = files("verification").joinpath("policies", f"{name}.yaml")
    try:
        text = source.read_text(encoding="utf8") if source else inner.read_text(encoding="utf8")
    except OSError:
        raise UsageError("policy_unknown", names=", ".join(policy_names())) from None
    try:
        return _parse(msgspec.yaml.decode(text))
    except (msgspec.DecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise UsageError("policy_broken") from None


def policy_names() -> list[str]:
    """The policies that come with the product."""
    folder = files("verification").joinpath("policies")
    return sorted(f.name.removesuffix(".yaml") for f in folder.iterdir() if f.name.endswith(".yaml"))


def _parse(content: Mapping[str, Any]) -> Policy:
    rules = dict(load_policy(content["extends"]).rules) if "extends" in content else {}
    for code, given in content["checks"].items():
        if given["level"] not in ("fail", "warn", "inform") or given.get("verdict", "invalid") not in ("invalid", "indeterminate"):
            raise ValueError(code)
        unknown = given.get("unknown", {})
        rules[code] = Rule(
            level=given["level"],
            verdict=given.get("verdict", "indeterminate"),
            sub_indication=given.get("sub_indication"),
            reason=given.get("reason"),
            unknown_sub_indication=unknown.get("sub_indication"),
            unknown_reason=unknown.get("reason"),
            unknown_level=unknown.get("level", "fail"),
        )
    base = load_policy(content["extends"]).limits if "extends" in content else {}
    return Policy(
        name=content["name"],
        version=str(content["version"]),
        law=content["law"],
        rules=rules,
        certified_copy=bool(content.get("certified_copy", False)),
        limits={**base, **content.get("limits", {})},
    )
