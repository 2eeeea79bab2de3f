"""The output intent's profile is sRGB, and never changes."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms

from ocr.pdf.icc import srgb_profile


def test_colours_pass_through_it_as_through_any_srgb_profile():
    ours = ImageCms.ImageCmsProfile(BytesIO(srgb_profile()))
    colours = Image.fromarray(np.random.default_rng(2).integers(0, 256, (64, 64, 3), np.uint8))
    through = ImageCms.profileToProfile(colours, ours, ImageCms.createProfile("sRGB"))
    assert np.abs(np.asarray(through).astype(int) - np.asarray(colours)).max() <= 1


def test_it_is_small_and_carries_a_fixed_date():
    profile = srgb_profile()
    assert len(profile) < 3000
    assert int.from_bytes(profile[:4], "big") == len(profile)
    assert profile[24:26] == (2025).to_bytes(2, "big")
