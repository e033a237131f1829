"""A real browser against a real server: Debian's chromium, driven by playwright."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's event loop runs in the thread of the test

CHROMIUM = os.environ.get("ZHENWU_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDE, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no chromium on this machine"))


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visit:
    """One person at one browser window. `faults` collects what a user would never see but a developer must."""

    def __init__(self, page, base: str):
        self.page, self.base = page, base
        self.faults: list[str] = []
        page.on("console", lambda message: self.faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))

    def open(self, path: str):
        answer = self.page.goto(self.base + path)
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"
        return self.page

    def overflow(self) -> int:
        """How many pixels the page scrolls sideways."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def text(self) -> str:
        return self.page.inner_text("body")


@pytest.fixture
def visit(chromium, live_server) -> Iterator[Callable]:
    """`visit(user, size)` opens a window with that person logged in."""
    contexts = []

    def start(user=None, size=WIDE) -> Visit:
        context = chromium.new_context(viewport=size, locale="zh-CN", is_mobile=size is PHONE, has_touch=size is PHONE)
        contexts.append(context)
        if user is not None:
            client = Client()  # one a person: a second login would end the first one's session
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookie = client.cookies[settings.SESSION_COOKIE_NAME]
            context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
        return Visit(context.new_page(), live_server.url)

    yield start
    for context in contexts:
        context.close()


@pytest.fixture(autouse=True)
def _real_transactions(request):
    """The server answers in another thread: it must see what the test committed, under the packs that run."""
    request.getfixturevalue("committing")


@pytest.fixture
def shots():
    """`shots(window, name)` keeps a picture of the whole page in the folder ZHENWU_SHOTS; without one it does nothing."""
    folder = os.environ.get("ZHENWU_SHOTS", "")

    def keep(window: Visit, name: str) -> None:
        if folder:
            window.page.screenshot(path=os.path.join(folder, f"{name}.png"), full_page=True)

    return keep
