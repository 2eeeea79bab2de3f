"""The HTTP interface `/v1`: what offices may ask of the counter, as addresses. It decides nothing itself.

Errors are problem details with our codes; a request that changes something may bear an Idempotency-Key. The description of
everything is at /v1/openapi.json (OpenAPI 3.1).
"""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any, Literal

from fastapi import Depends, FastAPI, Header, Query, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from prometheus_client import CollectorRegistry, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, StreamingResponse

import sohoa
from pipeline.metrics import RecordsCollector
from pipeline.portal import shapes
from pipeline.portal.archive import archive_routes
from pipeline.portal.asking import JSON_OR_FILE, Asked, FromElsewhere, once, signature_of
from pipeline.portal.counter import Arrived, Counter, batch_view, document_view
from pipeline.portal.courier import event_id, resend, told, undelivered
from pipeline.portal.deeds import fields_of, verify_upload
from pipeline.portal.offices import Caller, caller
from pipeline.portal.problems import MEDIA_TYPE, problem, problem_of, status_of
from pipeline.portal.progress import batch_events, document_events
from pipeline.portal.receiving import SLACK, LimitedBody, Signed, from_address, from_drop, from_request, write_body
from pipeline.service import Health
from sohoa.errors import SohoaError
from sohoa.messages import message, texts
from storage.places import DropPlaces, FolderPlaces
from storage.requests import Requests
from storage.search import Search

_DROP_SECONDS = 3600.0
_TYPES = {".pdf": "application/pdf", ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".xml": "application/xml"}


def portal(counter: Counter, places: DropPlaces, secret: bytes, health: Callable[[], Health]) -> FastAPI:
    """The application. `places` is where uploads are dropped, `secret` signs the addresses of our own ones, `health` says
    whether this server should be left running."""
    settings, records = counter.settings, counter.place.records
    most = settings.limits.file_megabytes << 20
    requests, signed = Requests(records.engine), Signed(secret)
    app = FastAPI(
        title="sohoa",
        version=sohoa.__version__,
        summary="Số hóa, trích xuất, ký, chứng thực, kiểm tra · digitise, extract, sign, certify, verify",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"description": "problem+json", "model": shapes.Problem}},
    )
    app.add_middleware(LimitedBody, most=most + SLACK)
    _tell_problems(app)
    bearer = HTTPBearer(auto_error=False, description="Mã truy cập của đơn vị · the office's token")

    def who(request: Request, shown: Annotated[HTTPAuthorizationCredentials | None, Security(bearer)]) -> Caller:
        header = f"{shown.scheme} {shown.credentials}" if shown else request.headers.get("authorization", "")
        return caller(settings.api, header, request.client.host if request.client else "")

    Who = Annotated[Caller, Depends(who)]
    Key = Annotated[str | None, Header(alias="Idempotency-Key", description="1–255 ký tự; cùng khóa, cùng yêu cầu, cùng câu trả lời")]

    async def act(office: str, key: str | None, asked: list[Any], what: Callable[[], tuple[int, Any]]) -> Response:
        return await run_in_threadpool(once, requests, settings.api.keep_keys_days, Asked(office, key, signature_of(asked)), what)

    app.include_router(archive_routes(who, records, counter.place.objects, counter.place.work, most))

    # ---------------------------------------------------------------------------------------------- batches

    @app.post("/v1/batches", status_code=201, response_model=shapes.Batch, tags=["batches"])
    async def open_batch(who: Who, wish: shapes.Wish, key: Key = None) -> Response:
        """Mở một lô · open a batch to which documents are added."""
        asked = ["batch", wish.model_dump()]
        return await act(who.office, key, asked, lambda: (201, batch_view(counter.open_batch(who, wish, f"batch {key}" if key else ""))))

    @app.get("/v1/batches", response_model=shapes.Batches, tags=["batches"])
    def batches(who: Who, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Response:
        """Các lô của đơn vị, mới nhất trước · the office's batches, the newest first."""
        return JSONResponse({"batches": [batch_view(batch) for batch in counter.batches(who, limit)]})

    @app.get("/v1/batches/{id}", response_model=shapes.Batch, tags=["batches"])
    def batch(who: Who, id: str) -> Response:
        """Một lô · one batch with its counts."""
        return JSONResponse(batch_view(counter.batch(who, id)))

    @app.get("/v1/batches/{id}/documents", response_model=shapes.Documents, tags=["batches"])
    def documents(
        who: Who,
        id: str,
        status: Literal["waiting", "done", "review", "partial", "failed"] | None = None,
        after: Annotated[int, Query(ge=-1, description="position của tài liệu cuối đã nhận · of the last one received")] = -1,
        limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    ) -> Response:
        """Các tài liệu của lô theo thứ tự · the batch's documents in order."""
        return JSONResponse({"documents": [document_view(one) for one in counter.documents(who, id, status, after, limit)]})

    @app.get("/v1/batches/{id}/events", tags=["batches"], response_class=StreamingResponse)
    def watch_batch(who: Who, id: str, last: Annotated[str, Header(alias="Last-Event-ID")] = "") -> Response:
        """Tiến độ của lô (server-sent events: progress, document, end)."""
        return _stream(batch_events(records, counter.batch(who, id).id, last))

    @app.post("/v1/batches/{id}/cancel", tags=["batches"])
    def cancel(who: Who, id: str) -> Response:
        """Hủy hẳn lô · stop the batch for good."""
        return JSONResponse({"cancelled": counter.cancel(who, id)})

    @app.post("/v1/batches/{id}/retry", status_code=202, tags=["batches"])
    def retry_batch(who: Who, id: str) -> Response:
        """Làm lại tài liệu lỗi và thiếu trang của lô · try its failed and partial documents again."""
        return JSONResponse({"retried": counter.retry_batch(who, id)}, 202)

    # -------------------------------------------------------------------------------------------- documents

    @app.post("/v1/documents", status_code=202, response_model=shapes.Documents, tags=["documents"], openapi_extra=JSON_OR_FILE)
    async def hand_in(
        who: Who,
        request: Request,
        wish: Annotated[shapes.HandIn, Query()],
        key: Key = None,
    ) -> Response:
        """Nộp tài liệu: multipart, nội dung thô, hoặc JSON nêu địa chỉ · multipart, the bytes themselves, or JSON naming a place."""
        with TemporaryDirectory(prefix="sohoa-request-", dir=counter.place.work) as folder:
            elsewhere = await _elsewhere(request)
            if elsewhere:
                arrived = [await run_in_threadpool(bring, who, elsewhere, Path(folder))]
            else:
                arrived = await from_request(request, Path(folder), wish.name, most)

            def record() -> tuple[int, Any]:
                target = counter.batch(who, wish.batch) if wish.batch else counter.open_batch(who, wish, f"documents {key}" if key else "")
                taken = counter.hand_in(who, target, arrived)
                if elsewhere and elsewhere.upload:
                    requests.take_drop(elsewhere.upload, arrived[0].sha256)
                    places.remove(elsewhere.upload)
                return 202, {"documents": [document_view(one) for one in taken]}

            asked = ["documents", wish.model_dump(), *([one.name, one.sha256] for one in arrived)]
            return await act(who.office, key, asked, record)

    def bring(who: Caller, where: FromElsewhere, folder: Path) -> Arrived:
        if where.url:
            return from_address(where.url, where.name, folder, settings.api, most)
        drop = requests.drop(where.upload)
        if drop and drop.office == who.office and drop.taken:  # asked again under its idempotency key
            stored = counter.place.objects.path(drop.taken)
            (folder / "dropped").write_bytes(stored.read_bytes())
            return Arrived(drop.name, folder / "dropped", drop.taken)
        return from_drop(where.upload, who.office, folder, requests, places)

    @app.get("/v1/documents/{id}", response_model=shapes.Document, tags=["documents"])
    def document(who: Who, id: str) -> Response:
        """Một tài liệu · one document, as its row of batch.json, with its results."""
        return JSONResponse(document_view(counter.document(who, id)))

    @app.get("/v1/documents/{id}/pages", response_model=shapes.Pages, tags=["documents"])
    def pages(who: Who, id: str) -> Response:
        """Trạng thái từng trang · the state of every page."""
        states = records.page_states(counter.document(who, id).id)
        shown = [{"page": page, "state": state, "error_code": code if state == "done" else None} for page, state, code in states]
        return JSONResponse({"pages": shown})

    @app.get("/v1/documents/{id}/fields", response_model=shapes.Fields, tags=["documents"])
    def fields(who: Who, id: str) -> Response:
        """Các trường đã trích xuất · the fields, as the task sohoa.extract gives them."""
        return JSONResponse(fields_of(counter.result(who, id, "document.json")[1]))

    @app.get("/v1/documents/{id}/metadata", tags=["documents"])
    def metadata(who: Who, id: str, as_: Annotated[Literal["cv7197", "edxml"], Query(alias="format")] = "cv7197") -> Response:
        """Dữ liệu đặc tả (Công văn 7197) hoặc gói tin edXML (QCVN 102:2016) · the metadata, or a package for the document axis."""
        content, lacking = counter.metadata(who, id, as_)
        kind = "application/json" if as_ == "cv7197" else "application/xml"
        return Response(content, media_type=kind, headers={"sohoa-lacking": ",".join(lacking)} if lacking else {})

    @app.get("/v1/documents/{id}/events", tags=["documents"], response_class=StreamingResponse)
    def watch_document(who: Who, id: str, last: Annotated[str, Header(alias="Last-Event-ID")] = "") -> Response:
        """Tiến độ từng trang (server-sent events: page, document, end)."""
        return _stream(document_events(records, counter.document(who, id).id, last))

    @app.get("/v1/documents/{id}/results/{name:path}", tags=["documents"], response_class=FileResponse)
    def result(who: Who, id: str, name: str) -> Response:
        """Một kết quả, có thể theo đoạn (Range) · one result, in ranges where wanted; its ETag is its SHA-256."""
        sha, path = counter.result(who, id, name)
        kind = _TYPES.get(Path(name).suffix, "application/octet-stream")
        return FileResponse(path, media_type=kind, filename=Path(name).name, headers={"etag": f'"{sha}"', "cache-control": "no-store"})

    @app.post("/v1/documents/{id}/retry", status_code=202, response_model=shapes.Document, tags=["documents"])
    def retry(who: Who, id: str) -> Response:
        """Làm lại tài liệu · work on it again."""
        return JSONResponse(document_view(counter.retry(who, id)), 202)

    @app.post("/v1/documents/{id}/sign", tags=["documents"])
    def sign(who: Who, id: str, asked: shapes.Sign) -> Response:
        """Ký kết quả bằng khóa của máy này · sign the result with a key of this server, as the task sohoa.sign does."""
        return JSONResponse(counter.sign(who, id, asked.identity, asked.level, asked.profile))

    @app.post("/v1/documents/{id}/certify", tags=["documents"])
    def certify(who: Who, id: str, asked: shapes.Certify) -> Response:
        """Chứng thực bản sao điện tử từ bản chính · an electronic certified copy, as the task sohoa.certify makes it."""
        return JSONResponse(counter.certify(who, id, asked.original, asked.checklist, asked.certifier, asked.agency))

    @app.get("/v1/search", tags=["documents"])
    def search(
        who: Who, q: Annotated[str, Query(min_length=1, max_length=200)], limit: Annotated[int, Query(ge=1, le=100)] = 20
    ) -> Response:
        """Tìm trong tài liệu của đơn vị, có hoặc không dấu · search the office's documents."""
        hits = Search(records.engine).find(q, limit, who.office)
        return JSONResponse({"hits": [{"document": h.document, "page": h.page, "name": h.name, "snippet": h.snippet} for h in hits]})

    # ------------------------------------------------------------------------------------- uploads and verdicts

    @app.post("/v1/uploads", status_code=201, response_model=shapes.Upload, tags=["uploads"])
    def open_upload(who: Who, request: Request, asked: shapes.NewUpload) -> Response:
        """Xin một địa chỉ để tải tệp lên bằng PUT · ask for an address to PUT one file to."""
        drop = requests.open_drop(who.office, asked.name, asked.sha256, _DROP_SECONDS)
        own = f"{settings.api.public_url or str(request.base_url).rstrip('/')}/v1/uploads/{drop.id}?{signed.query(drop.id, drop.expires)}"
        url = places.address(drop.id, _DROP_SECONDS) or own
        return JSONResponse({"upload": drop.id, "method": "PUT", "url": url, "expires": drop.expires}, 201)

    @app.put("/v1/uploads/{id}", status_code=204, tags=["uploads"])
    async def fill(request: Request, id: str, expires: str = "", signature: str = "") -> Response:
        """Nhận tệp ở địa chỉ đã cấp, đúng một lần · take the file at an address that was given out, once."""
        signed.check(id, expires, signature)
        if not isinstance(places, FolderPlaces):
            raise SohoaError("not_found_here")
        target = places.path(id)
        draft = target.with_name(f".{id}.{request.scope['client'][1] if request.client else 0}")
        try:
            await write_body(request, draft, most)
            if not await run_in_threadpool(requests.fill_drop, id):
                raise SohoaError("upload_expired")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return Response(status_code=204)

    @app.post("/v1/verify", tags=["verify"], openapi_extra=JSON_OR_FILE)
    async def verify(who: Who, request: Request, policy: str = "signature", name: str = "") -> Response:
        """Kiểm tra chữ ký hoặc bản sao chứng thực · the verdict on a file, as the task sohoa.verify gives it."""
        with TemporaryDirectory(prefix="sohoa-verify-", dir=counter.place.work) as folder:
            file = (await from_request(request, Path(folder), name, most))[0]
            return JSONResponse(await run_in_threadpool(verify_upload, file.path, policy, counter.child, settings, file.name))

    # ------------------------------------------------------------------------------------------------ webhooks

    @app.get("/v1/webhooks/undelivered", tags=["webhooks"])
    def webhooks(who: Who) -> Response:
        """Sự kiện đã thôi gửi · events that were given up."""
        lost = [{"id": event_id(one), "cause": one.cause, "tries": one.tries, **told(one)} for one in undelivered(records, who.office)]
        return JSONResponse({"undelivered": lost})

    @app.post("/v1/webhooks/{id}/resend", status_code=202, tags=["webhooks"])
    def send_again(who: Who, id: str) -> Response:
        """Gửi lại một sự kiện · send an event again."""
        resend(records, who.office, id)
        return JSONResponse({"id": id}, 202)

    # ------------------------------------------------------------------------------------------------ the server

    @app.get("/v1/codes", tags=["server"])
    def codes() -> Response:
        """Mọi mã và câu tiếng Việt, tiếng Anh · every stable code with its sentences."""
        return JSONResponse({code: dict(entry) for code, entry in sorted(texts().items())})

    registry = CollectorRegistry(auto_describe=False)
    registry.register(RecordsCollector(records))

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")

    @app.get("/healthz", include_in_schema=False)
    def healthz() -> Response:
        found = health()
        return PlainTextResponse(found.code or "ok", 200 if found.sound else 503)

    return app


async def _elsewhere(request: Request) -> FromElsewhere | None:
    """What the JSON body names, None when the request brings its files itself."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        return None
    return FromElsewhere.read(await request.body())


def _stream(events: Any) -> Response:
    return StreamingResponse(events, media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"})


def _tell_problems(app: FastAPI) -> None:
    @app.exception_handler(SohoaError)
    async def ours(_: Request, error: SohoaError) -> Response:
        headers = {"retry-after": "30"} if status_of(error) in (429, 503) else {}
        if status_of(error) == 401:
            headers["www-authenticate"] = "Bearer"
        return JSONResponse(problem_of(error), status_of(error), headers, MEDIA_TYPE)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        # The place alone: what stood there may be a person's name.
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        return JSONResponse(problem("request_invalid", 422, where=where), 422, media_type=MEDIA_TYPE)

    @app.exception_handler(Exception)
    async def unexpected(_: Request, error: Exception) -> Response:
        said = problem("unexpected_error", 500, kind=type(error).__name__, where="portal")
        return JSONResponse(said, 500, media_type=MEDIA_TYPE)

    @app.exception_handler(HTTPException)
    async def other(_: Request, error: HTTPException) -> Response:
        code = "not_found_here" if error.status_code == 404 else "request_invalid"
        where = message(code).code if error.status_code != 405 else "method"
        return JSONResponse(problem(code, error.status_code, where=where), error.status_code, media_type=MEDIA_TYPE)
