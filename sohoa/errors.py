"""The one exception that carries a stable code from any room to the person in front of the screen."""

from enum import IntEnum

from sohoa.messages import Message, message


class ExitCode(IntEnum):
    """The same numbers for the command line, the job row and the API."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    REVIEW = 3
    INTERRUPTED = 130


class SohoaError(Exception):
    """Something a person can act on: a code of `sohoa/texts`, and the facts its sentences ask for.

    Facts must be harmless in a log: numbers, limits, file types; never a name, an ID number or a document's text.
    """

    exit_code: ExitCode = ExitCode.FAILED

    def __init__(self, code: str, **facts: str | int | float) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)

    @property
    def message(self) -> Message:
        """The sentences of this error's code, filled with its facts."""
        return message(self.code, **self.facts)

    def __str__(self) -> str:
        said = self.message
        return f"[{self.code}] {said.en} {said.next_en}".strip()


class UsageError(SohoaError):
    """The command or a setting is wrong: exit code 2."""

    exit_code = ExitCode.USAGE
