"""`python -m samples OUT` draws every sample into the folder OUT."""

import sys
from pathlib import Path

from samples.catalogue import samples


def main(arguments: list[str]) -> int:
    """Draws into the one folder named; returns 2 when none or more are named."""
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print("python -m samples OUT: draws every sample, with its truth, into the folder OUT", file=sys.stderr)
        return 2
    out = Path(arguments[0])
    out.mkdir(parents=True, exist_ok=True)
    for sample in samples():
        (out / sample.name).write_bytes(sample.data)
        if sample.truth is not None:
            (out / sample.name).with_suffix(".json").write_text(sample.truth, encoding="utf8")
        print(f"{len(sample.data):>9,}  {sample.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
