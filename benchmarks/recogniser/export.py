"""The trained weights in trueocr's graph, as the product loads it: with the branch for strokes, as half floats, and with its alphabet."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from benchmarks.recogniser.network import BLOCKS, Weights, along_names, source
from benchmarks.recogniser.signs import signs
from ocr.words.recognise import WANTED

_SMALL = 64  # tensors of fewer values stay whole


def export(weights: Weights, out: Path) -> None:
    """Writes the network to `out`."""
    model = source()
    graph = model.graph
    held = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    held |= {name: value.astype(np.float32) for name, value in _named(weights, along_names(model)).items()}
    two = weights["strokes2_w"].shape[3]
    held["rec.strokes.shape"] = np.array([0, 8 * two, -1], np.int64)
    nodes = _needed(_with_branch(list(graph.node)))
    used = {name for node in nodes for name in node.input}
    kept = {name: value for name, value in held.items() if name in used}
    halves = {name for name, value in kept.items() if value.dtype == np.float32 and value.size > _SMALL}
    tensors = [
        numpy_helper.from_array(v.astype(np.float16), f"{n}.half") if n in halves else numpy_helper.from_array(v, n)
        for n, v in kept.items()
    ]
    widened = [helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT) for name in kept if name in halves]
    outputs = [
        helper.make_tensor_value_info(WANTED[0], TensorProto.FLOAT, ["B", "T", None]),
        helper.make_tensor_value_info(WANTED[1], TensorProto.INT64, ["B"]),
    ]
    made = helper.make_model(
        helper.make_graph([*widened, *nodes], "letters", list(graph.input), outputs, tensors),
        opset_imports=list(model.opset_import),
        ir_version=model.ir_version,
    )
    helper.set_model_props(made, {"alphabet": signs(), "license": "Apache-2.0, after trueocr 0.1.1"})
    onnx.checker.check_model(made)
    onnx.save(made, out)


def _named(weights: Weights, along: list[tuple[str, str]]) -> dict[str, NDArray[Any]]:
    w = {name: np.asarray(value) for name, value in weights.items() if not isinstance(value, dict)}
    named = {
        "rec.stem.weight": w["stem_w"].T.reshape(-1, 1, 32, 4),
        "rec.stem.bias": w["stem_b"],
        "onnx::Conv_504": w["patch_w"].T.reshape(-1, 1, 4, 4),
        "onnx::Conv_505": w["patch_b"],
        "rec.context.dw.weight": w["around"].T.reshape(-1, 1, 3, 3),
        "onnx::Conv_507": w["point_w"].T[..., None, None],
        "onnx::Conv_508": w["point_b"],
        "rec.context.score.weight": w["score_w"].T[..., None, None],
        "rec.context.score.bias": w["score_b"],
        "rec.context.row_prior": w["prior"],
        "rec.context.proj.weight": w["proj_w"].T[..., None],
        "rec.context.proj.bias": w["proj_b"],
        "rec.head.weight": w["head_w"].T[..., None],
        "rec.head.bias": w["head_b"],
        "rec.strokes.1.weight": w["strokes1_w"].transpose(3, 2, 0, 1),
        "rec.strokes.1.bias": w["strokes1_b"],
        "rec.strokes.2.weight": w["strokes2_w"].transpose(3, 2, 0, 1),
        "rec.strokes.2.bias": w["strokes2_b"],
        "rec.strokes.3.weight": w["strokes3_w"].transpose(2, 1, 0),
    }
    for number in range(BLOCKS):
        block = {name: np.asarray(value) for name, value in weights[f"block{number}"].items()}
        weight, shift = along[number]
        named |= {weight: block["along"].T[:, None], shift: block["along_b"]}
        for said, short in (("expand", "expand"), ("se.fc1", "squeeze"), ("se.fc2", "excite"), ("project", "project")):
            named[f"rec.blocks.{number}.{said}.weight"] = block[short].T[..., None]
            named[f"rec.blocks.{number}.{said}.bias"] = block[short + "_b"]
    return named


def _with_branch(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    node, around = helper.make_node, {"strides": [2, 2], "pads": [1, 1, 1, 1], "kernel_shape": [3, 3]}
    at = next(number for number, one in enumerate(nodes) if one.output[0] == "/rec/Add_output_0")
    stem = nodes[at].input[0]
    branch = [
        node("Conv", ["/rec/Slice_output_0", "rec.strokes.1.weight", "rec.strokes.1.bias"], ["strokes1"], **around),
        node("HardSwish", ["strokes1"], ["strokes1_bent"]),
        node("Conv", ["strokes1_bent", "rec.strokes.2.weight", "rec.strokes.2.bias"], ["strokes2"], **around),
        node("HardSwish", ["strokes2"], ["strokes2_bent"]),
        node("Transpose", ["strokes2_bent"], ["strokes_by_row"], perm=[0, 2, 1, 3]),
        node("Reshape", ["strokes_by_row", "rec.strokes.shape"], ["strokes_by_step"]),
        node("Conv", ["strokes_by_step", "rec.strokes.3.weight"], ["strokes3"], kernel_shape=[3], pads=[1, 1]),
        node("Add", [stem, "strokes3"], ["stem_and_strokes"]),
    ]
    nodes[at].input[0] = "stem_and_strokes"
    return [*nodes[:at], *branch, *nodes[at:]]


def _needed(nodes: list[onnx.NodeProto]) -> list[onnx.NodeProto]:
    wanted, kept = set(WANTED), []
    for node in reversed(nodes):
        if not wanted.isdisjoint(node.output):
            wanted.update(node.input)
            kept.append(node)
    return kept[::-1]
