"""What the operator's commands share: the records they look at, and whose name stands in the audit trail."""

import argparse
import getpass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.runner import Place


def declare_place(parser: argparse.ArgumentParser) -> None:
    """Which records: those of `sohoa run`, or the worker's own where no shared database is set."""
    parser.add_argument("--worker", action="store_true", help="dữ liệu của sohoa worker trên máy này · the worker's own records")


def open_place(worker: bool) -> "Place":
    """The records and objects that the settings name."""
    from pipeline.batch import place
    from sohoa.settings import home, load

    return place(home() / "worker" if worker else home(), load())


def actor() -> str:
    """The account that gave the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
