"""The house itself: its gates, its arrows, its wheel, and that one OpenCV is enough."""

import importlib.metadata
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"sohoa", "pipeline", "ocr", "signing", "verification", "storage"}


def run(*line: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", *line], cwd=cwd, capture_output=True, text=True)


@pytest.mark.parametrize("gate", [("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",)], ids=" ".join)
def test_the_gate_is_passed(gate: tuple[str, ...]) -> None:
    done = run(*gate)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_arrows_between_rooms_are_the_designed_ones() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_forbidden_arrow_would_be_found(tmp_path: Path) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").touch()
    (tmp_path / "ocr" / "__init__.py").write_text("import storage\n")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    lint = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(lint, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)})
    assert done.returncode != 0
    assert "ocr" in done.stdout and "storage" in done.stdout


def test_there_is_one_opencv() -> None:
    assert importlib.metadata.packages_distributions()["cv2"] == ["opencv-python-headless"]


def test_the_wheel_holds_the_rooms_and_what_the_demo_needs_and_no_test(tmp_path: Path) -> None:
    done = run("hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == ROOMS
    for needed in (
        "sohoa/samples/bad.truncated.pdf",
        "sohoa/texts/ground.toml",
        "sohoa/fonts/LiberationSerif-Regular.ttf",
        "ocr/templates/ct01.yaml",
        "signing/profiles/person.yaml",
        "verification/policies/signature.yaml",
        "pipeline/checklist.yaml",
        "pipeline/skip_rules.yaml",
        "pipeline/edxml.yaml",
        "ocr/export/schemes.yaml",
        "ocr/fields/data/people.yaml",
    ):
        assert any(name == needed or name.startswith(needed.removesuffix(".yaml")) for name in names), needed
    assert not [name for name in names if "/tests/" in name or name.endswith("_test.py")]


def test_help_loads_no_room_and_is_quick() -> None:
    program = (
        "import sys; from sohoa.cli import main\ntry: main(['--help'])\nexcept SystemExit: print(sorted(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-P", "-c", program], cwd="/", capture_output=True, text=True)
    loaded = set(eval(done.stderr))  # noqa: S307 - our own list of strings
    assert not loaded & {"ocr", "signing", "verification", "storage", "pipeline", "cv2", "numpy", "pikepdf", "pyhanko", "sqlalchemy"}


def test_a_room_of_another_installation_is_refused(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "sohoa", "verify", "x.pdf"], cwd=tmp_path, capture_output=True, text=True, env=env)
    assert done.returncode == 2
    assert "room_foreign" in done.stderr


def test_nothing_speaks_of_the_machine_it_was_made_on() -> None:
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout.split("\0")
    text = [ROOT / name for name in tracked if Path(name).suffix in (".py", ".md", ".toml", ".yaml", ".yml", ".html", "") and name]
    for file in text:
        if file.is_file() and file != Path(__file__):
            content = file.read_text(encoding="utf8", errors="ignore")
            assert "/work/" not in content and "../shared" not in content, file
