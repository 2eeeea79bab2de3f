"""Where objects lie, by one setting: a folder, or `s3://bucket?endpoint=…`."""

from pathlib import Path

from storage.objects import FolderObjects, Objects


def open_objects(where: str, home: Path) -> Objects:
    """The store at `where`: an `s3://` address, a folder, or, when empty, `objects` in the state folder."""
    if where.startswith("s3://"):
        from storage.s3 import S3Objects

        return S3Objects(where, home / "cache")
    return FolderObjects(Path(where) if where else home / "objects")
