"""The units for systemd: every command line in them is one that this version understands."""

import argparse
import configparser
import importlib
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
TIMERS = sorted(path.name for path in UNITS.glob("*.timer"))


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None, strict=True)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(UNITS / name)
    return read


@pytest.mark.parametrize("name", SERVICES)
def test_a_services_command_line_is_understood(name: str) -> None:
    program, command, *words = unit(name)["Service"]["ExecStart"].split()
    assert program.endswith("/bin/sohoa")
    parser = argparse.ArgumentParser(exit_on_error=False)
    importlib.import_module(f"sohoa.cli.{command.replace('-', '_')}").declare(parser)
    parser.parse_args(words)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_runs_as_nobody_special_and_writes_its_state_alone(name: str) -> None:
    service = unit(name)["Service"]
    assert (service["User"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("sohoa", "yes", "strict")
    assert service["Environment"] == f"SOHOA_HOME=/var/lib/{service['StateDirectory']}"


def test_every_timer_has_its_service_and_the_hashes_are_among_them() -> None:
    assert {name.replace(".timer", ".service") for name in TIMERS} <= set(SERVICES)
    assert "audit verify" in unit("sohoa-audit.service")["Service"]["ExecStart"]
    assert all(unit(name)["Timer"]["OnCalendar"] for name in TIMERS)
