"""What every command shares: the instance, set-up of Django, output as text or JSON, faults and progress."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from zhenwu.config.instance import Instance, InstanceProblem

console = Console(stderr=True)
out = Console()


class Fault(Exception):
    """A command cannot go on. Code 1: problems found in what was given; 2: wrong use."""

    def __init__(self, title: str, detail: str = "", *, code: int = 2):
        self.title, self.code = title, code
        super().__init__(detail)


def use_instance(folder: str) -> None:
    if folder:
        os.environ["ZHENWU_INSTANCE"] = str(Path(folder).resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhenwu.config.settings")


def instance_folder() -> Path:
    return Path(os.environ.get("ZHENWU_INSTANCE", "instance")).resolve()


def need_instance() -> Instance:
    """The instance, or a Fault that says how to make one."""
    folder = instance_folder()
    try:
        found = Instance.load(folder)
    except InstanceProblem as problem:
        raise Fault("实例不能使用", str(problem)) from None
    if not found.is_set_up:
        raise Fault(f"{folder} 里还没有实例", "请先运行 zhenwu init，或 zhenwu demo 建一个演示乡镇。")
    return found


def start_django(*, packs: bool = True) -> None:
    """Set Django up on the instance; with `packs`, the applied packs' models too."""
    need_instance()
    _setup()
    if packs:
        from zhenwu.packs import runtime
        from zhenwu.packs.errors import PacksNotApplied

        try:
            runtime.start()
        except PacksNotApplied as problem:
            raise Fault("台账还没有建立", str(problem)) from None


def _setup() -> None:
    import django

    django.setup()


def setup_bare() -> None:
    """Django without an instance's database being asked for: for commands that only read files."""
    _setup()


def show_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n")


def day(text: str, default: date) -> date:
    """A date from the command line."""
    if not text:
        return default
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Fault(f"日期“{text}”写得不对", "请写成 2020-12-31 这样。") from None


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Any]:
    """A progress bar on the terminal; yields `step(done, total)`."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task(title, total=total)

        def step(done: int, of: int | None = None) -> None:
            bar.update(task, completed=done, total=of if of is not None else total)

        yield step


def acting_user(username: str = "") -> Any:
    """Who the command line acts as: the named user, else the instance's own system user."""
    from zhenwu.accounts.actions import system_user
    from zhenwu.accounts.models import User

    if not username:
        return system_user()
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise Fault(f"没有用户“{username}”", "请用 zhenwu doctor 查看现有用户，或不写 --as 以系统身份执行。")
    return found
