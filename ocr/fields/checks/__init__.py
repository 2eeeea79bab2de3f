"""Rules that compare fields with each other. Their codes stand in templates, their sentences in `sohoa/texts`."""
