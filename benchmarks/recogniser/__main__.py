"""`python -m benchmarks.recogniser TEXTS.txt[.xz] WORK`: draws pages into WORK, trains on them, writes the network.

Needs `pip install --group train` and fonts: the more faces, the better. The shipped file was made in six runs on two cores: an hour
on 1,800 pages drawn without tables, boxes and underscores, then by `--start` 18 minutes on half of those and 1,000 pages with these, 9 on
the 1,000 and 260 with addresses and numerals, 7 on 510 of them and 420 with print on dots, 36 on half of the 1,800, all others and 1,140
with more dots, small labels and typewriters' numbers, 15 on 560 as they are drawn now and 1,380 of the others; it is the mean of the
last two (`--start` with both, `--minutes 0`), which reads unseen forms better than either. The faces are the families of the Debian
packages fonts-liberation2, -dejavu, -noto-core, -noto-mono, -freefont-ttf, -roboto-unhinted, -roboto-slab, -open-sans, -linuxlibertine,
-sil-gentiumplus, -sil-charis, -sil-doulos, -croscore, -texgyre, -lmodern, -cmu, -junicode, -vollkorn, -cantarell, -comfortaa, -quicksand,
-jetbrains-mono, -agave, -gfs-didot, -opendyslexic and -yanone-kaffeesatz. The families of
`faces.HELD_OUT` are never trained on: the error that is printed is theirs. Training stops by the clock, so two runs give two networks,
alike but not equal.
"""

import argparse
from pathlib import Path

from benchmarks.recogniser.lines import draw
from benchmarks.recogniser.training import train
from ocr.network import LETTERS, model_file


def main() -> None:
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("texts", type=Path, help="one sentence or clause a line, UTF-8")
    ap.add_argument("work", type=Path, help="a folder for the drawn lines; those already there are used again")
    ap.add_argument("--pages", type=int, default=2000)
    ap.add_argument("--minutes", type=float, default=75)
    ap.add_argument("--rate", type=float, default=8e-4, help="the step at its largest; 3.5e-4 to go on from --start")
    ap.add_argument("--start", type=Path, nargs="+", default=[], help="weights (.npz) of an earlier run, or of several for their mean")
    ap.add_argument("-o", "--out", type=Path, default=model_file(LETTERS))
    a = ap.parse_args()
    draw(a.texts, a.work / "train", a.pages, seed=1)
    draw(a.texts, a.work / "held-out", 20, seed=900, held_out=True)
    train(a.work / "train", a.work / "held-out", a.minutes, a.rate, a.start, a.work / "weights.npz", a.out)


if __name__ == "__main__":
    main()
