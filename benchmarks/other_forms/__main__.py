"""`python -m benchmarks.other_forms OUT --seed S --count N [--held-out]`: draw a set of filled forms with truth."""

import argparse
from pathlib import Path

from benchmarks.other_forms.drawing import draw


def main() -> None:
    """Draw the set that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.other_forms", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--held-out", action="store_true", help="faces, layouts and wordings of the other half")
    args = parser.parse_args()
    draw(args.out, args.seed, args.count, args.held_out)


if __name__ == "__main__":
    main()
