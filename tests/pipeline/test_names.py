"""Folder names: the stem where it stands alone, as much more as needed where not, and never depending on order."""

import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pipeline.names import clean, folder_names, key


def test_a_single_stem_stands_alone() -> None:
    assert folder_names([(Path("in/tờ khai.jpg"), "a" * 64)]) == ["tờ khai"]


def test_equal_stems_take_their_folder_then_their_hash() -> None:
    inputs = [(Path("x/1.jpg"), "a" * 64), (Path("y/1.jpg"), "b" * 64), (Path("y/1.png"), "c" * 64), (Path("2.jpg"), "d" * 64)]
    assert folder_names(inputs) == ["x__1", "1__bbbbbbbb", "1__cccccccc", "2"]


def test_byte_equal_files_each_get_a_folder() -> None:
    inputs = [(Path("p/x/1.jpg"), "a" * 64), (Path("q/x/1.jpg"), "a" * 64)]
    assert sorted(folder_names(inputs)) == ["1__aaaaaaaa", "1__aaaaaaaa__2"]


def test_a_name_never_hides_a_report_of_the_batch() -> None:
    assert folder_names([(Path("in/batch.json.pdf"), "a" * 64)]) == ["in__batch.json"]


def test_a_stem_is_nfc_and_safe() -> None:
    assert clean(unicodedata.normalize("NFD", "Nguyễn")) == "Nguyễn"
    assert clean("a/b\\c:d") == "a_b_c_d"
    assert clean("...") == "document"
    assert len(clean("ế" * 300).encode()) <= 180


paths = st.builds(
    lambda folder, stem, kind: Path(folder) / f"{stem}.{kind}",
    st.sampled_from("ab"),
    st.sampled_from(["1", "2", "ă"]),
    st.sampled_from(["jpg", "pdf"]),
)


@given(st.lists(st.tuples(paths, st.sampled_from(["1" * 64, "2" * 64])), unique_by=lambda i: i[0], max_size=8), st.randoms())
def test_names_are_unique_and_do_not_depend_on_order(inputs: list[tuple[Path, str]], random) -> None:  # type: ignore[no-untyped-def]
    names = dict(zip(inputs, folder_names(inputs), strict=True))
    assert len({key(name) for name in names.values()}) == len(inputs)
    random.shuffle(inputs)
    assert dict(zip(inputs, folder_names(inputs), strict=True)) == names
