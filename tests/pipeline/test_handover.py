"""What a worker keeps on its machine, and what a killed one must not leave there."""

import signal
import subprocess
import sys
from pathlib import Path

from pipeline.handover import work_of_its_own

_LIVES = """
import sys, time
from pathlib import Path
from pipeline.handover import work_of_its_own
with work_of_its_own(Path(sys.argv[1])) as mine:
    (mine / "page.jpg").write_bytes(b"x")
    print(mine.name, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_worker_left_is_removed_by_the_next_and_a_living_ones_is_kept(tmp_path: Path) -> None:
    line = [sys.executable, "-c", _LIVES, str(tmp_path)]
    lives, killed = (subprocess.Popen(line, stdout=subprocess.PIPE, text=True) for _ in range(2))
    try:
        names = [process.stdout.readline().strip() for process in (lives, killed) if process.stdout]
        killed.kill()
        killed.wait()
        assert {folder.name for folder in tmp_path.iterdir()} == set(names)
        with work_of_its_own(tmp_path) as mine:
            assert {folder.name for folder in tmp_path.iterdir()} == {names[0], mine.name}
            assert (tmp_path / names[0] / "page.jpg").is_file()
        assert {folder.name for folder in tmp_path.iterdir()} == {names[0]}
    finally:
        for process in (lives, killed):
            process.send_signal(signal.SIGKILL)
            process.communicate()
