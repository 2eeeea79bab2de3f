"""The training loop: batches of lines of like width, Adam with a cosine of the step, a running mean of the weights."""

import random
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from rapidfuzz.distance import Levenshtein

from benchmarks.recogniser.export import export
from benchmarks.recogniser.lines import Drawn, load
from benchmarks.recogniser.network import STEP, initial, logits, norm, restored, save, source, value_and_grad
from benchmarks.recogniser.signs import signs

_WIDTHS = {128: 96, 192: 64, 256: 48, 320: 40, 384: 32, 480: 26, 576: 22, 704: 18, 832: 14, 1032: 12}  # columns: lines in a batch
_HALO = 8
_LONGEST = 128  # letters
_WARM = 100  # batches
_LOWEST = 0.03  # of the rate
_TELL = 240.0  # seconds
_KEEP = 0.998


def train(drawn: Path, held_out: Path, minutes: float, rate: float, start: Sequence[Path], weights_file: Path, out: Path) -> None:
    """Trains for that long on the lines in `drawn` and writes the weights to go on from and the network to ship."""
    model = source()
    fixed = norm(model)
    weights = _mean([restored(file) for file in start]) if start else initial(model)
    classes = {sign: number for number, sign in enumerate(signs(), start=1)}
    lines, unseen = _fitting(load(drawn)), _fitting(load(held_out))
    print(f"{len(lines)} lines, {len(unseen)} in faces held out: {_told(weights, fixed, unseen, classes)}", flush=True)
    rule = optax.chain(optax.clip_by_global_norm(1.0), optax.scale_by_adam(b2=0.99), optax.add_decayed_weights(1e-4))
    state = rule.init(weights)

    @jax.jit
    def step(weights: Any, state: Any, found: Any, rate: Any) -> Any:
        change, state = rule.update(found, state, weights)
        return jax.tree.map(lambda value, by: value - rate * by, weights, change), state

    @jax.jit
    def blended(mean: Any, weights: Any, keep: Any) -> Any:
        return jax.tree.map(lambda one, two: one * keep + two * (1 - keep), mean, weights)

    mean, number, began = weights, 0, time.monotonic()
    told = began
    for batch in _batches(lines, classes) if minutes else ():
        share = (time.monotonic() - began) / (60 * minutes)
        if share > 1:
            break
        now = rate * min(1.0, number / _WARM) * (_LOWEST + (1 - _LOWEST) * (1 + np.cos(np.pi * share)) / 2)
        loss, found = value_and_grad(weights, fixed, *batch)
        weights, state = step(weights, state, found, np.float32(now))
        mean = blended(mean, weights, np.float32(min(_KEEP, (1 + number) / (10 + number))))
        number += 1
        if time.monotonic() - told > _TELL:
            told = time.monotonic()
            print(f"{100 * share:.0f} %, batch {number}, loss {float(loss):.4f}, {_told(mean, fixed, unseen, classes)}", flush=True)
    print(f"{number} batches: {_told(mean, fixed, unseen, classes)}")
    save(mean, weights_file)
    export(mean, out)


def _mean(several: Sequence[Any]) -> Any:
    return jax.tree.map(lambda *values: sum(values) / len(several), *several)


def _fitting(lines: list[Drawn]) -> list[Drawn]:
    """CTC needs a step for every letter and one between two that are the same."""
    return [(ink, text) for ink, text in lines if text and len(text) + sum(a == b for a, b in pairwise(text)) <= ink.shape[1] // STEP - 2]


def _by_width(lines: list[Drawn]) -> dict[int, list[Drawn]]:
    sorted_in: dict[int, list[Drawn]] = {width: [] for width in _WIDTHS}
    for ink, text in lines:
        cut = ink[:, : max(_WIDTHS) - _HALO]
        sorted_in[next(width for width in _WIDTHS if width >= cut.shape[1] + _HALO)].append((cut, text))
    return sorted_in


def _batches(lines: list[Drawn], classes: dict[str, int]) -> Iterator[tuple[Any, ...]]:
    """For ever: every line once, in another order each time."""
    c = random.Random(1)  # noqa: S311  # the same order on every run
    groups = _by_width(lines)
    while True:
        batches = []
        for width, group in groups.items():
            c.shuffle(group)
            size = _WIDTHS[width]
            batches += [(width, group[first : first + size]) for first in range(0, len(group) - size + 1, size)]
        if not batches:
            raise ValueError("too few lines for one batch")
        c.shuffle(batches)
        for width, batch in batches:
            yield _arrays(batch, width, classes, c)


def _arrays(batch: list[Drawn], width: int, classes: dict[str, int], c: random.Random | None) -> tuple[Any, ...]:
    """(ink [B, 96, width], steps [B], labels [B, L], unused [B, L]); a little changed out of `c`."""
    ink, steps = np.zeros((len(batch), 96, width), np.float32), np.zeros(len(batch), np.int32)
    labels, unused = np.zeros((len(batch), _LONGEST), np.int32), np.ones((len(batch), _LONGEST), np.float32)
    for row, (drawn, text) in enumerate(batch):
        whole = drawn.astype(np.float32) / 255
        ink[row, :, : drawn.shape[1]] = _changed(whole, c) if c else whole
        steps[row] = -(-drawn.shape[1] // STEP)
        said = [classes[sign] for sign in text if sign in classes][:_LONGEST]
        labels[row, : len(said)], unused[row, : len(said)] = said, 0
    return ink, steps, labels, unused


def _changed(ink: Any, c: random.Random) -> Any:
    if c.random() < 0.3:
        ink = np.roll(ink, c.randint(-1, 1), 0)
    if c.random() < 0.2:
        ink = np.clip(ink * c.uniform(0.7, 1.25), 0, 1)
    if c.random() < 0.15:
        noise = np.random.default_rng(c.randrange(1 << 30)).standard_normal(ink.shape, np.float32)
        ink = np.clip(ink + c.uniform(0, 0.05) * noise, 0, 1)
    return ink


@jax.jit
def _best(weights: Any, fixed: Any, ink: Any, steps: Any) -> Any:
    return jnp.argmax(logits(weights, fixed, ink, steps), -1)


def _told(weights: Any, fixed: Any, lines: list[Drawn], classes: dict[str, int]) -> str:
    """The share of wrong letters and words, with no dictionary to help."""
    named = {number: sign for sign, number in classes.items()}
    wrong = letters = wrong_words = words = 0
    for width, group in _by_width(lines).items():
        size = _WIDTHS[width]
        for first in range(0, len(group), size):
            part = group[first : first + size]
            ink, steps, _, _ = _arrays([*part, *[part[0]] * (size - len(part))], width, classes, None)
            for (_, text), row, count in zip(part, np.asarray(_best(weights, fixed, ink, steps)), steps, strict=False):
                path = row[:count]
                read = "".join(named[int(one)] for one, before in zip(path, [0, *path[:-1]], strict=True) if one and one != before).strip()
                wrong, letters = wrong + Levenshtein.distance(read, text), letters + len(text)
                wrong_words, words = wrong_words + Levenshtein.distance(read.split(), text.split()), words + len(text.split())
    return f"{100 * wrong / max(1, letters):.2f} % of letters and {100 * wrong_words / max(1, words):.2f} % of words wrong"
