"""Own pack files: written, planned and applied one ledger at a time. Other edits of the files that nobody applied stay so."""

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from zhenwu.accounts.models import User
from zhenwu.packs.apply import applied_hash, applied_packs, apply
from zhenwu.packs.errors import ApplyRefused, PackProblem
from zhenwu.packs.plan import Step, make_plan
from zhenwu.packs.reader import PackSet, read_beside
from zhenwu.packs.spec import PackSpec


@dataclass(frozen=True)
class Outlook:
    """What applying a pack's text would do. Without a pack, or with problems, there is no plan."""

    pack: PackSpec | None
    wanted: PackSet
    problems: list[PackProblem]
    steps: list[Step]
    over: str  # hash of the packs in force that it was reckoned from

    @property
    def refused(self) -> bool:
        return any(step.kind == "refuse" for step in self.steps)

    @property
    def loses(self) -> bool:
        return any(step.loses for step in self.steps)

    @property
    def digest(self) -> str:
        """Of what a person was shown: what is done must be this."""
        said = "\n".join([self.over, *(f"{step.kind} {step.message}" for step in self.steps)])
        return hashlib.sha256(said.encode()).hexdigest()


def own_folder() -> Path:
    return Path(settings.INSTANCE) / "packs"


def own_file(code: str) -> Path | None:
    """The file that declares an own ledger; None for one that is shipped or unknown. It need not be called after its code."""
    folder = own_folder()
    paths = sorted(folder.rglob("*.toml")) if folder.is_dir() else []
    for path in sorted(paths, key=lambda path: path.stem != code):  # the likeliest first
        try:
            said = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("ledger")
        except (OSError, ValueError):
            continue
        if isinstance(said, dict) and said.get("code") == code:
            return path
    return None


def own_text(code: str) -> str:
    path = own_file(code)
    return path.read_text(encoding="utf-8-sig") if path else ""


def is_own(code: str) -> bool:
    """Whether the township declared this ledger itself."""
    return own_file(code) is not None


def outlook(text: str) -> Outlook:
    """What would happen if this were the pack of its ledger, and nothing else changed."""
    over = applied_hash()
    applied = applied_packs()
    pack, wanted, problems = read_beside(text, "own", applied)
    steps = make_plan(applied, wanted) if pack is not None and not problems else []
    return Outlook(pack, wanted, problems, steps, over)


def apply_text(text: str, *, before: str, seen: str, agreed: bool, by: User) -> tuple[list[Step], str]:
    """Write the pack file and apply it; the steps done, and the hash in force after them.

    The file comes first: should the machine stop in between, a file that is not applied changes nothing, while tables
    without their file would be retired by the next `packs apply`. `before` is the file as it was when the change began,
    `seen` the digest of the plan that a person agreed to. Raises ApplyRefused; then nothing was changed.
    """
    plan = outlook(text)
    if plan.pack is None or plan.problems:
        raise ApplyRefused("未做任何改动：\n" + "\n".join(str(one) for one in plan.problems))
    if plan.digest != seen:
        raise ApplyRefused("未做任何改动：预览之后台账或记录又有变化。请看过新的预览，再启用。")
    code = plan.pack.ledger.code
    path = own_file(code)
    standing = path.read_text(encoding="utf-8-sig") if path else ""
    if standing != before:
        raise ApplyRefused("未做任何改动：这本台账的声明文件在你编辑期间被改过。请重新打开台账的设计页，再改一次。")
    if path is None and code in applied_packs().packs:
        raise ApplyRefused(f"未做任何改动：{code} 是随软件发行的台账，不能改。")
    target = path or own_folder() / f"{code}.toml"
    _write(target, text)
    try:
        steps = apply(plan.wanted, agreed=agreed, over=plan.over, by=by)
    except BaseException:
        if path is None:
            target.unlink(missing_ok=True)
        else:
            _write(path, standing)
        raise
    return steps, applied_hash()


def _write(path: Path, text: str) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def names_in_use(without: str = "") -> tuple[set[str], set[str]]:
    """(codes, prefixes) of the ledgers in force, but for one."""
    packs = [pack for code, pack in applied_packs().packs.items() if code != without]
    return {pack.ledger.code for pack in packs}, {pack.ledger.prefix for pack in packs}
