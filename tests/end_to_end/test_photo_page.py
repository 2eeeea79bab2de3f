"""The photo check on the check page: what a citizen hears while the paper is still in their hand."""

import asyncio
import base64
import io
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import httpx
import pytest
from PIL import Image

from verification.page import app


@pytest.fixture
def page(sohoa, free_port: int, wait_for) -> Iterator[str]:
    server = sohoa.start("serve", "--only", "check", "--port", free_port)
    url = f"http://127.0.0.1:{free_port}/"

    def ready() -> bool:
        try:
            return httpx.get(url).status_code == 200
        except httpx.TransportError:
            return False

    wait_for(ready, 30)
    yield url
    server.send_signal(signal.SIGINT)
    server.communicate(timeout=20)


@pytest.fixture
def corner_blurred(drawn: Path, tmp_path: Path) -> Path:
    image = cv2.imread(str(drawn / "birth-registration.photo.jpg"))
    assert image is not None
    height, width = image.shape[:2]
    soft = cv2.GaussianBlur(image, (0, 0), 6)
    image[round(0.62 * height) :, round(0.55 * width) :] = soft[round(0.62 * height) :, round(0.55 * width) :]
    cv2.imwrite(str(tmp_path / "goc-mo.jpg"), image)
    return tmp_path / "goc-mo.jpg"


def test_a_citizen_sees_which_corner_is_blurred_and_a_good_photo_passes(page: str, drawn: Path, corner_blurred: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
        )
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        said: list[str] = []
        tab.on("console", lambda message: said.append(message.text))
        tab.goto(page)
        tab.get_by_role("link", name="Kiểm tra ảnh đã đủ rõ chưa").click()
        tab.locator("input[type=file]").set_input_files(corner_blurred)
        tab.get_by_role("button", name="Kiểm tra ảnh").click()
        text = tab.locator("main").inner_text()
        assert "NÊN CHỤP LẠI" in text and "góc dưới bên phải" in text and "góc trên bên trái" not in text
        assert "chụp lại" in text
        # The small picture is really shown: the page's own policy lets it through, and it decodes.
        assert tab.locator("img.seen").evaluate("picture => picture.complete && picture.naturalWidth > 200")
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tab.get_by_role("link", name="Kiểm tra ảnh khác").click()
        tab.locator("input[type=file]").set_input_files(drawn / "ct01.photo.heic")
        tab.get_by_role("button", name="Kiểm tra ảnh").click()
        assert "ẢNH ĐẠT" in tab.locator("main").inner_text()
        browser.close()
        assert not [line for line in said if "Content Security Policy" in line]


def test_a_portal_gets_the_answer_as_json_with_the_place_marked_in_a_picture_without_metadata(page: str, corner_blurred: Path) -> None:
    answer = _ask(page, corner_blurred)
    assert answer["good"] is False and answer["pages"] == 1
    assert [one["code"] for one in answer["advice"]] == ["photo_blurred"]
    kind, _, body = answer["pictures"][0].partition(",")
    assert kind == "data:image/jpeg;base64"
    picture = Image.open(io.BytesIO(base64.b64decode(body))).convert("RGB")
    assert max(picture.size) <= 640 and not picture.getexif()

    def redness(x: float, y: float) -> int:
        red, green, _ = picture.resize((60, 60)).getpixel((round(60 * x), round(60 * y)))
        return int(red) - int(green)

    assert redness(0.75, 0.8) > redness(0.25, 0.2) + 25


def test_a_file_that_is_no_picture_gets_its_code_and_none_at_all_is_said(page: str, drawn: Path) -> None:
    assert _ask(page, drawn / "bad.truncated.pdf")["error_code"] == "pdf_damaged"
    assert _ask(page, drawn / "bad.not-an-image.pdf")["error_code"] == "file_type_unknown"
    assert httpx.post(f"{page}photo", headers={"Accept": "application/json"}).json()["code"] == "page_no_file"


def test_without_a_photo_check_the_page_stands_and_does_not_offer_one() -> None:
    def never(file: Path) -> None:
        raise AssertionError(file)

    async def ask() -> tuple[httpx.Response, httpx.Response]:
        transport = httpx.ASGITransport(app(never))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
            return await client.get("/"), await client.get("/photo")

    start, photo = asyncio.run(ask())
    assert start.status_code == 200 and "photo" not in start.text
    assert photo.status_code == 404


def _ask(page: str, file: Path) -> dict[str, object]:
    answer = httpx.post(f"{page}photo", files={"file": (file.name, file.read_bytes())}, headers={"Accept": "application/json"}, timeout=60)
    assert answer.status_code == 200
    body: dict[str, object] = answer.json()
    return body
