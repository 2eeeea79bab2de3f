"""From words on a page to the fields of a form: which form it is, where its labels stand, what is written beside them, and
whether to believe it."""
