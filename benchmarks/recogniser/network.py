"""The recogniser in JAX: the layers of trueocr's graph with their weights, and the branch for strokes that is added to its stem.

The gradient is worked out block by block (`value_and_grad`): XLA fuses the backward pass of the whole network into kernels that work
the same things out again and again, four times as slow on two cores.
"""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
import optax
from onnx import numpy_helper

from benchmarks.recogniser.signs import MORE
from ocr.network import model_file

Weights = dict[str, Any]

STEP = 4  # columns of the ink map for one step
BLOCKS = 10
_BAND, _ROWS, _WIDE = 32, 24, 128
_STROKES = (24, 48)
_EPSILON = 1e-5
_FRONT = ("stem_w", "stem_b", "patch_w", "patch_b", "around", "point_w", "point_b", "score_w", "score_b", "prior", "proj_w", "proj_b")
_BRANCH = ("strokes1_w", "strokes1_b", "strokes2_w", "strokes2_b", "strokes3_w")


def source() -> onnx.ModelProto:
    """trueocr's own recogniser."""
    return onnx.load(model_file("rec.onnx"))


def initial(model: onnx.ModelProto) -> Weights:
    """trueocr's weights by what they do, the new characters and the branch at their beginnings: it adds nothing yet."""
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    chance = np.random.default_rng(0)
    head, bias = held["rec.head.weight"].reshape(-1, _WIDE).T, held["rec.head.bias"]
    one, two = _STROKES
    weights: Weights = {
        "stem_w": held["rec.stem.weight"].reshape(_WIDE, -1).T,
        "stem_b": held["rec.stem.bias"],
        "patch_w": held["onnx::Conv_504"].reshape(32, -1).T,
        "patch_b": held["onnx::Conv_505"],
        "around": held["rec.context.dw.weight"].reshape(32, -1).T,
        "point_w": held["onnx::Conv_507"].reshape(64, 32).T,
        "point_b": held["onnx::Conv_508"],
        "score_w": held["rec.context.score.weight"].reshape(-1, 64).T,
        "score_b": held["rec.context.score.bias"],
        "prior": held["rec.context.row_prior"],
        "proj_w": held["rec.context.proj.weight"].reshape(_WIDE, 64).T,
        "proj_b": held["rec.context.proj.bias"],
        "head_w": np.concatenate([head, chance.normal(0, 0.02, (_WIDE, len(MORE)))], 1),
        "head_b": np.concatenate([bias, np.full(len(MORE), bias[1:].min() - 1)]),
        "strokes1_w": chance.normal(0, (2 / 9) ** 0.5, (3, 3, 1, one)),
        "strokes1_b": np.zeros(one),
        "strokes2_w": chance.normal(0, (2 / (9 * one)) ** 0.5, (3, 3, one, two)),
        "strokes2_b": np.zeros(two),
        "strokes3_w": np.zeros((3, 8 * two, _WIDE)),
    }
    along = along_names(model)
    for number in range(BLOCKS):
        weight, shift = along[number]
        block = {"along": held[weight].reshape(_WIDE, -1).T, "along_b": held[shift]}
        for said, short in (("expand", "expand"), ("se.fc1", "squeeze"), ("se.fc2", "excite"), ("project", "project")):
            matrix = held[f"rec.blocks.{number}.{said}.weight"]
            block |= {short: matrix.reshape(matrix.shape[0], -1).T, short + "_b": held[f"rec.blocks.{number}.{said}.bias"]}
        weights[f"block{number}"] = block
    return jax.tree.map(lambda value: jnp.asarray(np.asarray(value, np.float32)), weights)


def along_names(model: onnx.ModelProto) -> list[tuple[str, str]]:
    """What the graph calls weight and bias of each block's convolution along the line."""
    taken = {node.output[0]: node.input for node in model.graph.node if node.op_type == "Conv"}
    return [
        (taken[f"/rec/blocks.{number}/dw/Conv_output_0"][1], taken[f"/rec/blocks.{number}/dw/Conv_output_0"][2]) for number in range(BLOCKS)
    ]


def norm(model: onnx.ModelProto) -> tuple[Any, ...]:
    """Scale, shift, mean and variance of the stem's normalisation, which stay as they are."""
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    (node,) = (node for node in model.graph.node if node.op_type == "BatchNormalization")
    return tuple(jnp.asarray(held[name]) for name in node.input[1:])


def logits(weights: Weights, fixed: tuple[Any, ...], ink: Any, steps: Any) -> Any:
    """[B, T, classes] of ink maps [B, 96, 4T], of which the first `steps` [B] are the line."""
    y, mask, count = _front(weights, fixed, ink, steps)
    for number in range(BLOCKS):
        y = _block(weights[f"block{number}"], y, mask, count)
    return y @ weights["head_w"] + weights["head_b"]


def value_and_grad(weights: Weights, fixed: tuple[Any, ...], ink: Any, steps: Any, labels: Any, unused: Any) -> tuple[Any, Weights]:
    """The mean CTC loss of a letter and its gradient; `labels` [B, L] are classes, where `unused` is 1 there is none."""
    first = {name: weights[name] for name in (*_FRONT, *_BRANCH)}
    y, mask, count = _front_on(first, fixed, ink, steps)
    before = []
    for number in range(BLOCKS):
        before.append(y)
        y = _block_on(weights[f"block{number}"], y, mask, count)
    loss, (by_head, by_bias, back) = _loss(weights["head_w"], weights["head_b"], y, steps, labels, unused)
    found: Weights = {"head_w": by_head, "head_b": by_bias}
    for number in reversed(range(BLOCKS)):
        found[f"block{number}"], back = _block_back(weights[f"block{number}"], before[number], mask, count, back)
    return loss, found | _front_back(first, fixed, ink, steps, back)


def save(weights: Weights, path: Path) -> None:
    """Writes them as .npz, a block's under "block0/along" and so on."""
    flat = {name: value for name, value in weights.items() if not isinstance(value, dict)}
    flat |= {f"{name}/{part}": value for name, inner in weights.items() if isinstance(inner, dict) for part, value in inner.items()}
    np.savez(path, **{name: np.asarray(value) for name, value in flat.items()})


def restored(path: Path) -> Weights:
    """What `save` wrote."""
    weights: Weights = {}
    with np.load(path) as held:
        for name in held.files:
            whole, _, part = name.partition("/")
            if part:
                weights.setdefault(whole, {})[part] = jnp.asarray(held[name])
            else:
                weights[whole] = jnp.asarray(held[name])
    return weights


def _bend(x: Any) -> Any:
    return x * jnp.clip(x / 6 + 0.5, 0, 1)  # HardSwish


def _front(w: Weights, fixed: tuple[Any, ...], ink: Any, steps: Any) -> tuple[Any, Any, Any]:
    lines, _, columns = ink.shape
    count = columns // STEP
    middle = ink[:, _BAND : 2 * _BAND]
    y = middle.reshape(lines, _BAND, count, STEP).transpose(0, 2, 1, 3).reshape(lines, count, -1) @ w["stem_w"] + w["stem_b"]
    y = y + _strokes(w, middle, count) + _context(w, ink, count)
    scale, shift, mean, variance = fixed
    mask = (jnp.arange(count)[None] < steps[:, None]).astype(ink.dtype)[..., None]
    y = _bend((y - mean) / jnp.sqrt(variance + _EPSILON) * scale + shift) * mask
    return y, mask, jnp.maximum(steps, 1)[:, None].astype(ink.dtype)


def _strokes(w: Weights, middle: Any, count: int) -> Any:
    order = ("NHWC", "HWIO", "NHWC")
    z = middle[..., None]
    for number in (1, 2):
        z = jax.lax.conv_general_dilated(z, w[f"strokes{number}_w"], (2, 2), ((1, 1), (1, 1)), dimension_numbers=order)
        z = _bend(z + w[f"strokes{number}_b"])
    z = jnp.pad(z.transpose(0, 2, 1, 3).reshape(len(middle), count, -1), ((0, 0), (1, 1), (0, 0)))
    return sum(z[:, shift : shift + count] @ w["strokes3_w"][shift] for shift in range(3))


def _context(w: Weights, ink: Any, count: int) -> Any:
    """What stands above and below the line, weighed row by row."""
    lines = len(ink)
    c = ink.reshape(lines, _ROWS, 4, count, STEP).transpose(0, 1, 3, 2, 4).reshape(lines, _ROWS, count, -1)
    c = _bend(c @ w["patch_w"] + w["patch_b"])
    wide = jnp.pad(c, ((0, 0), (1, 1), (1, 1), (0, 0)))
    c = sum(wide[:, i : i + _ROWS, j : j + count] * w["around"][3 * i + j] for i in range(3) for j in range(3))
    c = _bend(c @ w["point_w"] + w["point_b"])
    share = jax.nn.softmax(c @ w["score_w"] + w["score_b"] + w["prior"].transpose(0, 2, 3, 1), axis=1)
    heads = share.shape[-1]
    c = (c.reshape(lines, _ROWS, count, heads, -1) * share[..., None]).sum(1).reshape(lines, count, -1)
    return c @ w["proj_w"] + w["proj_b"]


def _block(w: Weights, y: Any, mask: Any, count: Any) -> Any:
    taps, along = len(w["along"]), y.shape[1]
    wide = jnp.pad(y, ((0, 0), (taps // 2, taps // 2), (0, 0)))
    z = sum(wide[:, tap : tap + along] * w["along"][tap] for tap in range(taps)) + w["along_b"]
    z = _bend(z @ w["expand"] + w["expand_b"])
    gate = jax.nn.relu((z * mask).sum(1) / count @ w["squeeze"] + w["squeeze_b"])
    gate = jax.nn.sigmoid(gate @ w["excite"] + w["excite_b"])
    return (y + (z * gate[:, None]) @ w["project"] + w["project_b"]) * mask


_front_on = jax.jit(_front)
_block_on = jax.jit(_block)


@jax.jit
def _front_back(w: Weights, fixed: tuple[Any, ...], ink: Any, steps: Any, back: Any) -> Any:
    return jax.vjp(lambda given: _front(given, fixed, ink, steps)[0], w)[1](back)[0]


@jax.jit
def _block_back(w: Weights, y: Any, mask: Any, count: Any, back: Any) -> Any:
    return jax.vjp(lambda given, before: _block(given, before, mask, count), w, y)[1](back)


@jax.jit
def _loss(head: Any, bias: Any, y: Any, steps: Any, labels: Any, unused: Any) -> Any:
    beyond = (jnp.arange(y.shape[1])[None] >= steps[:, None]).astype(jnp.float32)
    letters = jnp.maximum((1 - unused).sum(1), 1)

    def mean(head: Any, bias: Any, y: Any) -> Any:
        return (optax.ctc_loss(y @ head + bias, beyond, labels, unused) / letters).mean()

    return jax.value_and_grad(mean, (0, 1, 2))(head, bias, y)
