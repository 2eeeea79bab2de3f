"""The trial keys and the killable child that signing and certifying share."""

from collections.abc import Iterator

import pytest

from signing.tasks import PRELOAD
from signing.trial import TrialPki, trial_pki
from sohoa.child import Child


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrialPki:
    return trial_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child((*PRELOAD, "verification.work")) as running:
        yield running
