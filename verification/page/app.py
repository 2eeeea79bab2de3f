"""The check page as a web application (FastAPI): GET / shows the form, POST /check the result; /photo judges photos of papers.

It works without scripts and fetches nothing from elsewhere. The upload lies in a file of its own for as long as it is
checked; nothing of it is logged. Programs that accept JSON get the verdict as JSON.
"""

import base64
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.params import File
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sohoa.messages import message
from verification.model import Difference, Verdict, verdict_json
from verification.page.photo import CheckPhoto, photo_html, photo_json
from verification.reading import read
from verification.report import pictures, render, style_hash

Check = Callable[[Path], Verdict]

_LARGEST = 50 << 20
_CHUNK = 1 << 20
_LARGEST_GIVEN_BACK = 12 << 20


def app(
    check: Check, largest: int = _LARGEST, check_photo: CheckPhoto | None = None, changed: Callable[[Path], Difference | None] | None = None
) -> FastAPI:
    """The application. `check` judges the file at a path and must itself bound time and memory; `largest` in bytes.

    `check_photo` likewise tells whether a photo of a paper is good enough; without it there is no /photo. `changed` shows what
    looks different since a document was first signed.
    """
    page = FastAPI(title="Kiểm tra chữ ký số", docs_url=None, redoc_url=None, openapi_url=None)
    page.add_middleware(_Careful, largest=largest + 64 * 1024)

    @page.get("/")
    def form() -> Response:
        return HTMLResponse(_page(largest, photo=check_photo is not None))

    @page.post("/check")
    async def judge(request: Request, file: Annotated[UploadFile | None, File()] = None) -> Response:
        wants_json = "application/json" in request.headers.get("accept", "")
        if file is None or not file.filename:
            return _problem("page_no_file", 400, wants_json, largest)
        with _kept_while_checked() as path:
            if not await _received(file, path, largest):
                return _problem("page_file_too_large", 413, wants_json, largest)
            name = file.filename
            verdict = await run_in_threadpool(check, path)
            if wants_json:
                return JSONResponse(verdict_json(verdict, name))
            different, signed = None, None
            if changed is not None and verdict.signatures and verdict.revisions > 1:
                different = await run_in_threadpool(changed, path)
                signed = _signed_version(path, different)
        shown = {"pictures": pictures(different), "more": different.more if different else 0, "signed_version": signed}
        return HTMLResponse(render("page.html", reading=read(verdict, name), problem=None, megabytes=largest >> 20, photo=False, **shown))

    if check_photo is not None:
        _add_photo(page, check_photo, largest)
    return page


def _add_photo(page: FastAPI, check_photo: CheckPhoto, largest: int) -> None:
    @page.get("/photo")
    def photo_form() -> Response:
        return HTMLResponse(photo_html(None, None, largest >> 20))

    @page.post("/photo")
    async def judge_photo(request: Request, file: Annotated[UploadFile | None, File()] = None) -> Response:
        wants_json = "application/json" in request.headers.get("accept", "")
        code = "page_no_file" if file is None or not file.filename else None
        with _kept_while_checked() as path:
            if code is None and file is not None:
                if await _received(file, path, largest):
                    verdict = await run_in_threadpool(check_photo, path)
                    return JSONResponse(photo_json(verdict)) if wants_json else HTMLResponse(photo_html(verdict, None, largest >> 20))
                code = "page_file_too_large"
        status = 400 if code == "page_no_file" else 413
        if wants_json:
            return _problem(code or "page_no_file", status, True, largest)
        return HTMLResponse(photo_html(None, message(code or "page_no_file", megabytes=largest >> 20), largest >> 20), status)


def _signed_version(path: Path, different: Difference | None) -> str | None:
    """The file as it was first signed, as an address that holds it: the page keeps no uploads to come back for."""
    if different is None or different.signed_end > _LARGEST_GIVEN_BACK:
        return None
    content = path.read_bytes()[: different.signed_end]
    return "data:application/pdf;base64," + base64.b64encode(content).decode()


async def _received(file: UploadFile, path: Path, largest: int) -> bool:
    """The upload written to `path`; False as soon as it is larger than allowed."""
    size = 0
    with path.open("wb") as target:
        while part := await file.read(_CHUNK):
            size += len(part)
            if size > largest:
                return False
            target.write(part)
    return True


def _page(largest: int, problem: object = None, photo: bool = False) -> str:
    nothing = {"pictures": [], "more": 0, "signed_version": None}
    return render("page.html", reading=None, problem=problem, megabytes=largest >> 20, photo=photo, **nothing)


def _problem(code: str, status: int, wants_json: bool, largest: int) -> Response:
    said = message(code, megabytes=largest >> 20)
    if wants_json:
        return JSONResponse({"code": code, "text_vi": said.vi, "text_en": said.en}, status)
    return HTMLResponse(_page(largest, said), status)


@contextmanager
def _kept_while_checked() -> Iterator[Path]:
    handle, name = tempfile.mkstemp(prefix="check-")
    os.close(handle)
    path = Path(name)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


class _Careful:
    """Limits what is received before anything is parsed, and sends the headers that keep a page to itself."""

    def __init__(self, app: ASGIApp, largest: int) -> None:
        self.app, self.largest = app, largest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        stated = next((value for key, value in scope["headers"] if key == b"content-length"), b"0")
        if not stated.isdigit() or int(stated) > self.largest:
            response = _problem("page_file_too_large", 413, False, self.largest - 64 * 1024)
            await response(scope, receive, _with_headers(send))
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            part = await receive()
            received += len(part.get("body", b""))
            return part if received <= self.largest else {"type": "http.disconnect"}

        await self.app(scope, limited, _with_headers(send))


def _with_headers(send: Send) -> Send:
    policy = f"default-src 'none'; style-src '{style_hash()}'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    extra = [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cache-control", b"no-store"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    ]

    async def wrapped(part: Message) -> None:
        if part["type"] == "http.response.start":
            part["headers"] = [*part.get("headers", []), *extra]
        await send(part)

    return wrapped
