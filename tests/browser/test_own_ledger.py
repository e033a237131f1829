"""From a table never seen before to a working ledger: a real server with two workers that really start anew."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.browser.conftest import PHONE, WIDE
from zhenwu.packs.designing.tests.conftest import as_file
from zhenwu.packs.designing.tests.tables import SAMPLES

PASSWORD = "river-stone-lamp-42"
_SET_UP = """
import sys
from pathlib import Path
from datetime import date
from zhenwu.config.instance import create_instance
instance = create_instance(Path(sys.argv[1]), township="云岭县青石镇", code="519999100000")
import django; django.setup()
from zhenwu.config.setup import add_places, set_up_database
set_up_database(instance)
from zhenwu.accounts.actions import create_unit, create_user
from zhenwu.divisions.models import Division
start = date(2000, 1, 1)
county = Division(code="519999000000", name="云岭县", level="county", valid_from=start)
town = Division(code="519999100000", name="青石镇", level="town", parent=county, valid_from=start)
names = ("青山村", "河口村", "石板村", "云岭社区")
add_places([county, town, *(Division(code=f"5199991002{n:02}", name=name, level="village", parent=town, valid_from=start)
    for n, name in enumerate(names, 1))], "试验")
office = create_unit("应急办", ["safety", "infrastructure", "governance"])
create_user("lin", "林澄", "office", unit=office, since=start, password=sys.argv[2], must_change=False)
create_user("admin", "系统管理员", "admin", since=start, password=sys.argv[2], must_change=False)
"""


@pytest.fixture(autouse=True)
def _real_transactions():
    """Nothing of this file looks into the database of the tests."""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of `zhenwu serve --workers 2` on an instance of its own."""
    folder = tmp_path_factory.mktemp("own") / "instance"
    known = {
        key: value for key, value in os.environ.items() if key not in ("ZHENWU_DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    env = known | {"ZHENWU_INSTANCE": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    django = env | {"DJANGO_SETTINGS_MODULE": "zhenwu.config.settings"}
    subprocess.run([sys.executable, "-c", _SET_UP, str(folder), PASSWORD], env=django, check=True, timeout=180)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = "from zhenwu.config.cli import main; main()"
    process = subprocess.Popen([sys.executable, "-c", command, "serve", "--port", str(port), "--workers", "2"], env=env)
    base = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{base}/healthz", timeout=5)
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    yield base
    process.terminate()
    process.wait(timeout=30)


@pytest.fixture
def window(chromium, server):
    """`window(user, size)`: Lin handles the line of work, the administrator has an account without an office."""
    contexts = []

    def start(user, size=WIDE):
        context = chromium.new_context(viewport=size, locale="zh-CN", is_mobile=size is PHONE, has_touch=size is PHONE)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(f"{server}/login/")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", PASSWORD)
        page.click("main button.btn-primary")
        page.wait_for_url(f"{server}/")
        return page

    yield start
    for context in contexts:
        context.close()


def shoot(page, name: str) -> None:
    """Pictures for who looks at the pages; only when asked for."""
    if folder := os.environ.get("ZHENWU_SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=False)


def enable(admin, server: str, label: str, shot: str) -> None:
    """What the administrator does: open what waits on the desk, look, enable."""
    admin.goto(f"{server}/")
    admin.click(f"text={label}")
    admin.wait_for_selector(".design-parts")
    admin.click("text=下一步：预览")
    admin.wait_for_url(re.compile("/plan/"))
    shoot(admin, f"{shot}-admin-plan")
    admin.click("button:has-text('启用')")
    admin.wait_for_url(re.compile("/started/"))
    shoot(admin, f"{shot}-admin-wait")


def test_a_table_never_seen_before_becomes_a_working_ledger(window, server):
    sample = SAMPLES["灭火器"]
    page, admin = window("lin"), window("admin")
    began = time.monotonic()
    page.goto(f"{server}/ledgers/")
    page.click("text=用Excel新建台账")
    shoot(page, "wide-1-upload")
    page.set_input_files(
        "input[type=file]", {"name": sample.file, "mimeType": "application/octet-stream", "buffer": as_file(sample)}
    )
    page.click("text=上传并拟出字段")
    page.wait_for_selector(".design-parts")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    shoot(page, "wide-2-edit")
    page.locator(".design-part").nth(3).scroll_into_view_if_needed()
    shoot(page, "wide-3-fields")
    place = page.locator(".design-part", has=page.locator("input[value='存放位置']"))
    place.locator("[data-type]").select_option("choice")
    assert place.locator(".design-options").is_visible()
    place.locator("[data-type]").select_option("text")
    assert not place.locator(".design-options").is_visible()
    page.click("text=下一步：预览")
    page.wait_for_url(re.compile("/plan/"))
    assert "新建台账“灭火器台账”" in page.inner_text("main")
    page.click("text=提交系统管理员启用")
    page.wait_for_selector("text=等系统管理员启用")
    shoot(page, "wide-4-plan")
    enable(admin, server, "灭火器台账", "wide-5")
    page.wait_for_url(re.compile("/imports/"), timeout=120_000)  # goes on by itself
    page.wait_for_selector("text=确认导入 14 行", timeout=60_000)
    shoot(page, "wide-6-preview")
    page.click("text=确认导入 14 行")
    page.wait_for_selector("text=已导入")
    shoot(page, "wide-7-done")
    page.goto(f"{server}/ledgers/own_miehuoqi/")
    assert "MHQ-003" in page.inner_text("main")
    shoot(page, "wide-8-list")
    seconds = time.monotonic() - began
    print(f"{seconds:.0f} s from Excel to a working ledger")
    assert seconds < 300
    for _ in range(12):  # whichever worker answers, it knows the new ledger
        answer = page.goto(f"{server}/ledgers/own_miehuoqi/")
        assert answer.status == 200
    assert admin.goto(f"{server}/ledgers/own_miehuoqi/").status == 404  # who administers sees no rows
    assert not page.faults + admin.faults


def test_an_own_ledger_gets_another_field(window, server):
    page, admin = window("lin", PHONE), window("admin", PHONE)
    page.goto(f"{server}/ledgers/designs/")
    shoot(page, "phone-1-index")
    page.click("text=修改字段")
    page.wait_for_selector(".design-parts")
    shoot(page, "phone-2-edit")
    page.locator(".design-part").nth(2).scroll_into_view_if_needed()
    shoot(page, "phone-3-fields")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    page.click("text=加一个字段")
    page.wait_for_url(re.compile("#p"))
    added = page.locator(".design-part").last
    added.locator("input[name$=-label]").fill("药剂类型")
    added.locator("[data-type]").select_option("choice")
    added.locator("input[name$=-options]").fill("ABC、BC")
    page.click("text=下一步：预览")
    page.wait_for_url(re.compile("/plan/"))
    assert "药剂类型" in page.inner_text("main")
    page.click("text=提交系统管理员启用")
    page.wait_for_selector("text=等系统管理员启用")
    shoot(page, "phone-4-plan")
    enable(admin, server, "灭火器台账", "phone-5")
    page.wait_for_selector("text=已启用", timeout=120_000)
    shoot(page, "phone-6-started")
    page.goto(f"{server}/ledgers/own_miehuoqi/new/")
    assert "药剂类型" in page.inner_text("main")
    assert not page.faults + admin.faults
