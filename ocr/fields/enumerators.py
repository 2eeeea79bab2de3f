"""What stands before a label to count it: "1.", "(14)", "a)", a dash."""

import re

ENUMERATOR = re.compile(r"^(?:\[\d{1,2}\]|\(?\d{1,2}(?:[.,]\d{1,2})*[.)/]?|\(?[a-zđ]\)|[-–—+•*])$")
