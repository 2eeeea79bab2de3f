"""`make bench`, or `python -m benchmarks NAME ...`: run one measurement, or all of them."""

import argparse
import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

MEASUREMENTS = (
    "reading",
    "fields",
    "other_forms",
    "calibration",
    "seals",
    "steps",
    "memory",
    "overhead",
    "claiming",
    "many",
    "chaos",
    "signing",
    "verification",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run the named measurements and keep their figures in benchmarks/results/."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*MEASUREMENTS, []], help="default: all")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side; the median counts")
    parser.add_argument("--pages", type=Path, help="folder of page images with <name>.json truth beside them; default: samples/drawn")
    parser.add_argument("--seed", type=int, default=1, help="other_forms: another seed draws other papers")
    args = parser.parse_args()
    for name in args.names or MEASUREMENTS:
        figures = importlib.import_module(f"benchmarks.{name}").measure(args)
        RESULTS.mkdir(exist_ok=True)
        stamped = {"measured_at": datetime.now(UTC).isoformat(timespec="seconds"), "python": sys.version.split()[0], **figures}
        (RESULTS / f"{name}.json").write_text(json.dumps(stamped, indent=1, ensure_ascii=False) + "\n", encoding="utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
