"""sohoa (số hóa, "digitise"): paper becomes something the law accepts.

This package is the ground floor: the command line, stable codes and their texts, the guarded network client and
the killable child. It knows no room; every room knows it.
"""

__version__ = "0.1.0"
