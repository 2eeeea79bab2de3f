"""The neural networks, run by ONNX Runtime: those of the `trueocr` package (Apache-2.0) without that package's own code, and ours.

Of the package only weights and `meta.json` are used: importing it would load what we do not need, and its
interface hides the alternatives that the lattice reader lives on. The recogniser is ours, made from the package's
(`benchmarks/recogniser`), and carries its alphabet with it.

ONNX Runtime is loaded here and nowhere else: it keeps a database about its use below the home folder of whoever runs it, with a
thread that sends it to its maker (seen in 1.31), unless it is told not to before it is loaded.
"""

import hashlib
import json
import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from msgspec import Struct

from ocr.onnx import leading_to
from sohoa.errors import UsageError

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime

LETTERS = "letters.onnx"
ENGINE = f"onnxruntime {onnxruntime.__version__}"


class Meta(Struct, frozen=True):
    """What `meta.json` says about the networks of the package: their name, the detector's long side."""

    name: str
    long_side: int


def model_file(name: str) -> Path:
    """Where `name` is kept: here for `LETTERS`, else in the installed package. Raises UsageError reader_models_missing."""
    if name == LETTERS:
        return Path(__file__).parent / "words" / "data" / name
    spec = find_spec("trueocr")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / "models" / name
        if path.is_file():
            return path
    raise UsageError("reader_models_missing", package="trueocr==0.1.1")


@cache
def meta() -> Meta:
    """The networks' description, read once."""
    said = json.loads(model_file("meta.json").read_text(encoding="utf8"))
    return Meta(
        name=said["name"],
        long_side=said["det_long_side"],
    )


@cache
def alphabet() -> tuple[str, ...]:
    """The characters that the recogniser knows, in the order of its classes behind the CTC blank."""
    return tuple(session(LETTERS).get_modelmeta().custom_metadata_map["alphabet"])


@cache
def digest(name: str) -> str:
    """The first 12 hex digits of a model file's SHA-256, for `Reader.version`."""
    return hashlib.sha256(model_file(name).read_bytes()).hexdigest()[:12]


@cache
def session(name: str, wanted: tuple[str, ...] = (), arena: bool = False) -> onnxruntime.InferenceSession:
    """One session of one thread per process; it gives out the values of the graph that are `wanted`, inner ones too, and works out
    nothing else. Without any, it gives what the model was made to give.

    An `arena` keeps the memory of one run for the next: a quarter of the time where every input has the same size, while widths that
    differ would only make it grow.

    One page is one core's work: two processes read faster than two threads of one process.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = arena
    options.log_severity_level = 3
    model = model_file(name).read_bytes()
    return onnxruntime.InferenceSession(leading_to(wanted, model) if wanted else model, options, providers=["CPUExecutionProvider"])
