"""What counts as a full disk, and what another try cannot mend."""

import shutil
from errno import EACCES, EDQUOT, EFBIG, ENOSPC
from os import strerror
from pathlib import Path

import pytest

from sohoa.disk import disk_told, has_no_room, is_full
from sohoa.errors import SohoaError


def error(number: int) -> OSError:
    return OSError(number, strerror(number))


@pytest.mark.parametrize("what", [error(ENOSPC), error(EDQUOT), shutil.Error([("a", "b", str(error(ENOSPC)))])], ids=str)
def test_no_room_is_told_by_number_and_by_what_copying_a_tree_collects(what: OSError) -> None:
    assert is_full(what) and has_no_room(what)


@pytest.mark.parametrize("what", [error(EACCES), ValueError(strerror(ENOSPC)), KeyError("No space left on device")], ids=repr)
def test_a_parsers_words_are_no_proof(what: Exception) -> None:
    assert not is_full(what) and not has_no_room(what)


def test_a_limit_of_the_process_is_there_at_every_try() -> None:
    assert has_no_room(error(EFBIG)) and not is_full(error(EFBIG))


@pytest.mark.parametrize(("number", "code"), [(ENOSPC, "disk_full"), (EFBIG, "disk_full"), (EACCES, "out_unwritable")])
def test_writing_has_a_code(number: int, code: str) -> None:
    with pytest.raises(SohoaError, match=code), disk_told(Path("out")):
        raise error(number)
