"""What all tests share: the same inputs in every run, so that a red run can be repeated.

`HYPOTHESIS_PROFILE=explore` looks for new ones.
"""

import os

from hypothesis import settings

settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))
