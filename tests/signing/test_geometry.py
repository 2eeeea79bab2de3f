from hypothesis import given
from hypothesis import strategies as st

from signing.geometry import PageShape, over_earlier
from signing.model import Box

lengths = st.floats(1, 5000)
places = st.floats(-5000, 5000)
turns = st.sampled_from([0, 90, 180, 270])


@st.composite
def shapes(draw: st.DrawFn) -> PageShape:
    x, y = draw(places), draw(places)
    return PageShape((x, y, x + draw(lengths), y + draw(lengths)), draw(turns))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    x, y = draw(st.floats(0, 600)), draw(st.floats(0, 800))
    return (x, y, x + draw(st.floats(0, 300)), y + draw(st.floats(0, 300)))


@given(shapes(), boxes())
def test_seen_and_user_space_are_inverse(shape: PageShape, box: Box) -> None:
    there_and_back = shape.to_seen(shape.to_user(box))
    assert all(abs(a - b) < 1e-6 for a, b in zip(there_and_back, box, strict=True))


@given(shapes())
def test_the_whole_page_is_the_whole_crop_box(shape: PageShape) -> None:
    width, height = shape.size
    assert all(abs(a - b) < 1e-6 for a, b in zip(shape.to_user((0, 0, width, height)), shape.crop, strict=True))


def test_the_top_left_of_a_page_turned_right_is_its_bottom_left_in_user_space() -> None:
    assert PageShape((0, 0, 100, 200), 90).to_user((0, 0, 10, 20)) == (0, 0, 20, 10)


@given(boxes(), st.floats(10, 200), st.floats(0, 1))
def test_a_seal_covers_the_share_it_is_told(earlier: Box, size: float, share: float) -> None:
    seal = over_earlier(earlier, (size, size), share)
    assert abs((seal[2] - earlier[0]) - share * (earlier[2] - earlier[0])) < 1e-6
    assert abs((seal[2] - seal[0]) - size) < 1e-6
