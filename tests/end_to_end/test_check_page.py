"""The citizen's check page, served by the real command and used in a real browser."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from signing.trial import trial_pki


@pytest.fixture
def page(sohoa, free_port: int, tmp_path: Path, wait_for) -> Iterator[str]:
    pki = trial_pki(tmp_path / "pki")
    server = sohoa.start("serve", "--only", "check", "--port", free_port, "--trust", pki.trust)
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


def test_a_citizen_drops_a_file_and_reads_one_sentence(page: str, drawn: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        outside: list[str] = []
        tab = browser.new_page(viewport={"width": 390, "height": 844})
        tab.on("request", lambda request: None if request.url.startswith((page, "data:")) else outside.append(request.url))
        tab.goto(page)
        assert tab.locator("html").get_attribute("lang") == "vi"
        tab.locator("input[type=file]").set_input_files(drawn / "decision.signed.pdf")
        tab.locator("button[type=submit]").click()
        tab.wait_for_load_state()
        text = tab.inner_text("body")
        assert "KHÔNG XÁC ĐỊNH" in text  # its issuer is not in this trust folder
        # A second signature came later: its page is shown as signed and as it is now, and what was signed can be had.
        assert tab.locator("figure.pages img").count() == 2
        with tab.expect_download() as given:
            tab.locator("a[download]").click()
        given.value.save_as(tmp_path / "signed-version.pdf")
        assert (drawn / "decision.signed.pdf").read_bytes().startswith((tmp_path / "signed-version.pdf").read_bytes())
        assert tab.evaluate("document.documentElement.scrollWidth <= window.innerWidth")  # fits a phone
        tab.goto(page)
        tab.locator("input[type=file]").set_input_files(drawn / "decision.clean.pdf")
        tab.locator("button[type=submit]").click()
        tab.wait_for_load_state()
        assert "CHỮ KÝ" in tab.inner_text("body").upper()
        browser.close()
        assert outside == []


def test_the_page_answers_programs_in_json_and_keeps_no_file(page: str, drawn: Path) -> None:
    before = set(os.listdir("/tmp"))  # noqa: S108, PTH208
    content = (drawn / "decision.signed.pdf").read_bytes()
    answer = httpx.post(f"{page}check", files={"file": ("x.pdf", content)}, headers={"Accept": "application/json"}, timeout=30)
    assert answer.json()["verdict"] == "indeterminate"
    assert answer.json()["integrity"] == "extended"  # the agency signed after the chairman
    left = {name for name in set(os.listdir("/tmp")) - before if name.startswith(("tmp", "sohoa"))}  # noqa: S108, PTH208
    assert not [name for name in left if (Path("/tmp") / name).is_file()]  # noqa: S108
