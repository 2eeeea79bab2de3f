"""The Celery door by name: what each task takes and what it gives, checked on the way in and published as JSON Schema."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

from signing.model import Level
from sohoa.errors import SohoaError


class Digitise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read one file into the folder `out`. Queue `sohoa.reading`."""

    path: str
    out: str
    reader: str = "default"


class Extract(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Read one file and give its fields; nothing else is kept. Queue `sohoa.reading`."""

    path: str
    reader: str = "default"


class Verify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Judge one file. Queue `sohoa.reading`."""

    path: str
    policy: str = "signature"


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Sign the PDF `path` into the file `out` as `identity`. Queue `sohoa.signing.<identity>`: where the key is."""

    path: str
    out: str
    identity: str
    level: Level = "b"
    profile: str = ""


class Certify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Certify the PDF `path` into the folder `out`. Queue `sohoa.signing.<certifier>`, on a machine that holds both keys.

    `original` and `checklist` are what `sohoa certify` reads from the officer's two files (docs/certified-copies.md).
    """

    path: str
    out: str
    original: dict[str, Any]
    checklist: dict[str, bool]
    certifier: str
    agency: str


class Failed(msgspec.Struct, frozen=True):
    """What every task gives for a file that cannot be processed."""

    status: Literal["failed"]
    error_code: str
    message_vi: str
    message_en: str


class Extracted(msgspec.Struct, frozen=True):
    """The row of batch.json has more than is named here."""

    status: Literal["done", "review", "partial", "failed"]
    error_code: str | None
    template: str | None
    template_version: str | None
    fields: list[dict[str, Any]]
    checks: list[dict[str, Any]] | None


class Signed(msgspec.Struct, frozen=True):
    """`verdict` is our own on the result."""

    path: str
    sha256: str
    field: str
    level: str
    certificate_status: str
    trial: bool
    verdict: dict[str, Any]


class Signature(Struct, frozen=True):
    """What a task takes, and a word on what it gives."""

    takes: type[msgspec.Struct]
    gives: type[msgspec.Struct] | None
    said: str


TASKS: dict[str, Signature] = {
    "sohoa.digitise": Signature(Digitise, None, "the row of batch.json (docs/commands.md)"),
    "sohoa.extract": Signature(Extract, Extracted, "the row of batch.json with the fields"),
    "sohoa.verify": Signature(Verify, None, "the verdict of `sohoa verify --json` (docs/commands.md)"),
    "sohoa.sign": Signature(Sign, Signed, "the signed file and our own verdict on it"),
    "sohoa.certify": Signature(Certify, None, "the report of `sohoa certify --json` (docs/certified-copies.md)"),
}


def checked(task: str, arguments: dict[str, Any]) -> Any:
    """The arguments of a message, in their declared shape; raises SohoaError request_invalid naming the place."""
    try:
        return msgspec.convert(arguments, TASKS[task].takes)
    except msgspec.ValidationError as error:
        # The place alone ("… - at `$.level`"): what stood there may be a person's name.
        where = str(error).rpartition("`")[0].rpartition("`")[2] if " - at `" in str(error) else "kwargs"
        raise SohoaError("request_invalid", where=where) from None


def refused(error: SohoaError) -> dict[str, Any]:
    """A file that cannot be processed, as an answer: a task itself fails only when sohoa does."""
    said = error.message
    return {
        "status": "failed",
        "error_code": error.code,
        "message_vi": f"{said.vi} {said.next_vi}".strip(),
        "message_en": f"{said.en} {said.next_en}".strip(),
    }


def task_schemas() -> dict[str, Any]:
    """JSON Schema of every task's `kwargs` and answer, by the task's name."""
    types: list[Any] = [one for task in TASKS.values() for one in (task.takes, task.gives) if one is not None]
    _, parts = msgspec.json.schema_components([*types, Failed], ref_template="#/$defs/{name}")
    said = {
        name: {
            "kwargs": {"$ref": f"#/$defs/{task.takes.__name__}"},
            "answer": {
                "anyOf": [{"$ref": f"#/$defs/{task.gives.__name__}"} if task.gives else {"type": "object"}, {"$ref": "#/$defs/Failed"}]
            },
            "description": task.said,
        }
        for name, task in TASKS.items()
    }
    return {"tasks": said, "$defs": parts}
