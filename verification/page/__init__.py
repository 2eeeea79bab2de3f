"""The citizen's check page: drop a file, read one sentence. It holds no database, no keys, and keeps no file."""

from verification.page.app import app

__all__ = ["app"]
