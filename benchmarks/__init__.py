"""Measurements that the README quotes. Slow on purpose; no test depends on them."""
