"""Known Vietnamese certification authorities by the SHA-256 of their certificates: pins, no certificates."""
