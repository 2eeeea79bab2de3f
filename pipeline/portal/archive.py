"""The interface of an electronic archive by Công văn 7197/BKHCN-CĐSQG (29/11/2025), from both of its sides.

`POST /api/v1/documents/import`, `GET` and `PUT /api/v1/documents/{DocCode}`, `GET /api/v1/documents/download/{DocCode}`. The guide
names these addresses and the metadata; that an import is one multipart request of `metadata` (JSON) and `file` is our reading
of it. A repeated import of the same document makes no second one.
"""

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from msgspec import Struct
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, JSONResponse

from ocr.export.metadata import schemes
from pipeline.portal.offices import Caller
from pipeline.portal.receiving import harmless, write_parts
from sohoa.errors import SohoaError
from sohoa.net import NetworkClient
from storage.archive import Archive, Archived
from storage.audit import Audit
from storage.objects import Objects
from storage.records import Records


def check_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """The metadata, when it has the seven required fields and nothing is too long. Raises SohoaError metadata_not_ready."""
    known = {element.path: element for element in schemes()["cv7197"].elements}
    for path, element in known.items():
        value = metadata.get(path)
        if value in (None, "") and element.required:
            raise SohoaError("metadata_not_ready", element=path)
        if value is not None and (isinstance(value, dict | list) or (element.length and len(str(value)) > element.length)):
            raise SohoaError("metadata_not_ready", element=path)
    return dict(metadata)


def archive_routes(who: Callable[..., Caller], records: Records, objects: Objects, work: Path, most: int) -> APIRouter:
    """The server's side."""
    router, archive, audit = APIRouter(prefix="/api/v1/documents", tags=["archive"]), Archive(records.engine), Audit(records.engine)
    Who = Annotated[Caller, Depends(who)]

    def found(office: str, doc_code: str) -> Archived:
        one = archive.get(office, doc_code)
        if one is None:
            raise SohoaError("not_found_here")
        return one

    @router.post("/import", status_code=201)
    async def add(who: Who, request: Request) -> Response:
        """Nhập tài liệu: multipart gồm metadata (JSON) và file · import one document."""
        form = await request.form(max_files=1, max_fields=1)
        file, text = form.get("file"), form.get("metadata")
        if not isinstance(file, UploadFile):
            raise SohoaError("no_upload")
        metadata = check_metadata(_object(await text.read() if isinstance(text, UploadFile) else text or b""))
        with TemporaryDirectory(prefix="sohoa-import-", dir=work) as folder:
            await write_parts(file, Path(folder) / "file", most)
            sha = await run_in_threadpool(objects.put, Path(folder) / "file")
        new = Archived(str(metadata["DocCode"]), metadata, harmless(file.filename or ""), sha)
        fresh = await run_in_threadpool(archive.add, who.office, new)
        return JSONResponse({"DocCode": new.doc_code, "sha256": sha}, 201 if fresh else 200)

    @router.get("/download/{doc_code}", response_class=FileResponse)
    def download(who: Who, doc_code: str) -> Response:
        """Tải tệp · the file itself."""
        one = found(who.office, doc_code)
        audit.append(who.office, "archive.read", doc_code, {"sha256": one.sha256, "from": who.address})
        return FileResponse(objects.path(one.sha256), media_type="application/pdf", filename=one.name, headers={"etag": f'"{one.sha256}"'})

    @router.get("/{doc_code}")
    def metadata(who: Who, doc_code: str) -> Response:
        """Dữ liệu đặc tả · the metadata."""
        return JSONResponse(found(who.office, doc_code).metadata)

    @router.put("/{doc_code}")
    def change(who: Who, doc_code: str, metadata: dict[str, Any]) -> Response:
        """Sửa dữ liệu đặc tả · replace the metadata."""
        checked = check_metadata(metadata)
        if checked["DocCode"] != doc_code:
            raise SohoaError("metadata_not_ready", element="DocCode")
        if not archive.change(who.office, doc_code, checked):
            raise SohoaError("not_found_here")
        return JSONResponse(checked)

    return router


class ArchiveClient(Struct, frozen=True):
    """The client's side: `base` is the archive's address up to `/api/v1/documents`, `token` what it asks for."""

    base: str
    network: NetworkClient
    token: str = ""

    def hand_over(self, metadata: Mapping[str, Any], file: str, content: bytes) -> None:
        """Import a document; one that is there already gets its metadata brought up to date.

        Raises SohoaError metadata_not_ready, archive_refused, and what the guarded client raises.
        """
        checked = check_metadata(metadata)
        boundary = uuid.uuid4().hex
        body = _multipart(boundary, json.dumps(checked, ensure_ascii=False).encode(), file, content)
        answer = self.network.post(f"{self.base}/import", body, f"multipart/form-data; boundary={boundary}", self._headers)
        if answer.status in (200, 409):
            # It is there already, from an earlier try: nothing but its metadata may have changed since.
            if self.network.get(f"{self.base}/download/{quote(checked['DocCode'])}", self._headers).body != content:
                raise SohoaError("doc_code_taken")
            text = json.dumps(checked, ensure_ascii=False).encode()
            answer = self.network.put(f"{self.base}/{quote(checked['DocCode'])}", text, "application/json", self._headers)
        if answer.status not in (200, 201, 204):
            raise SohoaError("archive_refused", status=answer.status)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        raise SohoaError("request_invalid", where="metadata") from None
    if not isinstance(found, dict):
        raise SohoaError("request_invalid", where="metadata")
    return found


def _multipart(boundary: str, metadata: bytes, file: str, content: bytes) -> bytes:
    name = file.replace('"', "").replace("\r", "").replace("\n", "")
    return b"".join(
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'.encode(),
            metadata,
            f'\r\n--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'.encode(),
            b"Content-Type: application/pdf\r\n\r\n",
            content,
            f"\r\n--{boundary}--\r\n".encode(),
        )
    )
