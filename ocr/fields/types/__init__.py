"""What a printed text means by its type: dates, numbers, identity numbers, choices.

Nothing is guessed: what cannot be read stays as printed, in doubt.
"""
