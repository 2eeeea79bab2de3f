"""Counting gives the percentiles that NumPy gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ocr.pixels import percentiles


@given(arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 40))), st.lists(st.floats(0, 100), min_size=1, max_size=4))
def test_counting_agrees_with_sorting(grey, shares):
    assert np.allclose(percentiles(grey[::2, ::2], shares), np.percentile(grey[::2, ::2], shares))
