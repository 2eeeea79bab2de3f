"""What is faster than NumPy and OpenCV gives what these give."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocr.pixels import percentiles, straight


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 40))), st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_counting_agrees_with_sorting(grey, shares):
    assert np.allclose(percentiles(grey[::2, ::2], shares), np.percentile(grey[::2, ::2], shares))


@pytest.mark.parametrize("length", [1, 2, 7, 16, 90])
@pytest.mark.parametrize("upright", [False, True])
def test_straight_runs_are_what_an_opening_with_a_bar_leaves(length: int, upright: bool) -> None:
    ink = np.where(np.random.default_rng(length).random((60, 80)) < 0.95, 255, 0).astype(np.uint8)
    bar = np.ones((length, 1) if upright else (1, length), np.uint8)
    assert np.array_equal(straight(ink, length, upright), cv2.morphologyEx(ink, cv2.MORPH_OPEN, bar))
