"""A model cut to what leads to some of its values gives these as the whole model does."""

import numpy as np

from ocr.network import LETTERS, alphabet, model_file, session
from ocr.onnx import leading_to

_WANTED = ("lengths", "ids")


def test_what_is_left_of_a_model_gives_the_same() -> None:
    ink = np.random.default_rng(1).random((1, 1, 96, 72), np.float32)
    line = {"x": ink, "widths": np.array([64], np.int64)}
    lengths, ids = session("rec.onnx", _WANTED).run(None, line)
    whole = session("rec.onnx").run(list(_WANTED), line)
    assert np.array_equal(lengths, whole[0])
    assert np.array_equal(ids, whole[1])


def test_nothing_else_is_left() -> None:
    model = model_file("rec.onnx").read_bytes()
    assert [output.name for output in session("rec.onnx", _WANTED).get_outputs()] == list(_WANTED)
    assert b"TopK" in model  # which only its other outputs need
    assert b"TopK" not in leading_to(_WANTED, model)


def test_the_recogniser_carries_its_alphabet() -> None:
    line = {"x": np.zeros((1, 1, 96, 72), np.float32), "widths": np.array([64], np.int64)}
    scores, lengths = session(LETTERS).run(None, line)
    assert scores.shape[2] == len(alphabet()) + 1  # and the blank
    assert len(set(alphabet())) == len(alphabet())
    assert set('ẵỹđ0123456789 "²') <= set(alphabet())
    assert lengths.tolist() == [16]
    np.testing.assert_allclose(np.exp(scores).sum(2), 1, rtol=1e-4)
