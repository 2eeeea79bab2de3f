"""Made-up documents as a Vietnamese office meets them, and the program that draws them.

`python -m samples OUT` draws every file of `samples/drawn` again, each with its truth beside it as JSON. The same
program draws the same documents on every run: there is no clock and no chance in it. Nobody here exists.
"""
