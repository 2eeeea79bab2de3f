"""ONNX Runtime: it reads, and tells nobody."""

import os
import subprocess
import sys
from pathlib import Path

READ = """
import os
import numpy as np
from ocr.network import session
session("orient.onnx", arena=True).run(None, {"x": np.zeros((1, 1, 768, 768), np.float32)})
print(len(os.listdir("/proc/self/task")))
"""


def test_nothing_is_written_down_about_the_use_and_no_thread_waits_to_send_it(tmp_path: Path) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("XDG_", "ORT_"))}
    env |= {"HOME": str(tmp_path), "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", READ], env=env, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"
    assert list(tmp_path.iterdir()) == []
