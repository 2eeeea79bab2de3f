"""Is this file signed? A quick look for whoever must not touch a signed file; it says nothing about validity.

Our own test, not the `SigFlags` bit, which real files forget: a `/ByteRange` in the bytes, a signature field with a
value, or an entry of /Perms, whichever reader's way it takes to see it. In doubt the answer is yes: a file wrongly taken
for signed is only passed through untouched.
"""

from verification.view import View


def is_signed(data: bytes) -> bool:
    """Whether `data` bears, or bore, a digital signature. Parses untrusted bytes: to be called in the killable child."""
    if b"/ByteRange" in data:
        return True
    if data.find(b"%PDF-", 0, 1024) < 0:
        return False
    view = View(data, len(data))
    if view.problem:
        return any(mark in data for mark in (b"/Type/Sig", b"/Type /Sig", b"/FT/Sig", b"/FT /Sig", b"/Adobe.PPKLite"))
    return next(view.form_signatures(), None) is not None
