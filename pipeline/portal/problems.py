"""What goes wrong, as problem details (RFC 9457) with our stable codes and both languages."""

from typing import Any

from sohoa.errors import SohoaError, UsageError
from sohoa.messages import message

MEDIA_TYPE = "application/problem+json"

_STATUS = {
    "access_token_missing": 401,
    "access_token_wrong": 401,
    "identity_not_allowed": 403,
    "not_found_here": 404,
    "result_missing": 404,
    "batch_cancelled": 409,
    "idempotency_key_reused": 409,
    "not_over": 409,
    "not_signable": 409,
    "doc_code_taken": 409,
    "entry_closed": 409,
    "upload_missing": 409,
    "upload_expired": 410,
    "file_too_large": 413,
    "request_invalid": 422,
    "timestamp_missing": 422,
    "idempotency_key_invalid": 400,
    "no_upload": 400,
    "quota_full": 429,
    "net_failed": 502,
    "net_time": 504,
    "upload_not_fetched": 502,
    "key_not_here": 503,
    "broker_unreachable": 503,
    "database_busy": 503,
    "database_collision": 503,
    "database_unreachable": 503,
    "store_unreachable": 503,
    "disk_full": 507,
}


def status_of(error: SohoaError) -> int:
    """The HTTP status of an error: by its code, else 422 for what is wrong with a document, 500 for what is wrong here."""
    return _STATUS.get(error.code, 500 if isinstance(error, UsageError) else 422)


def problem(code: str, status: int, /, **facts: object) -> dict[str, Any]:
    """The body of a problem."""
    said = message(code, **facts)
    return {
        "type": f"urn:sohoa:code:{code}",
        "title": said.en,
        "status": status,
        "detail": f"{said.vi} {said.next_vi}".strip(),
        "code": code,
        "text_vi": said.vi,
        "text_en": said.en,
        "next_vi": said.next_vi,
        "next_en": said.next_en,
    }


def problem_of(error: SohoaError) -> dict[str, Any]:
    """The body that tells of `error`."""
    return problem(error.code, status_of(error), **error.facts)
