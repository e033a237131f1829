"""How an event is entered: one task a page. Which household or person is asked first, then only what this kind needs."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Guide:
    """`asks`: whose page it starts from. `who`: members are ticked, one is chosen, or persons are entered line by line.
    `rels`: each chosen person needs a relation to the head of the household they come to."""

    kind: str
    label: str
    says: str
    icon: str
    asks: Literal["from_hh", "to_hh", "person", ""]
    who: Literal["members", "all", "person", "lines"]
    fields: tuple[str, ...]
    rels: bool = False


_DAYS = ("happen", "known")
GUIDES = {
    one.kind: one
    for one in (
        Guide("birth", "登记出生", "孩子登记在哪一户，就从哪一户开始", "baby-carriage", "to_hh", "lines",
              (*_DAYS, "father", "mother", "proof")),
        Guide("death", "登记死亡", "一人一件；是户主的，下一步确定新户主", "circle-x", "person", "person", (*_DAYS, "proof")),
        Guide("move_in", "登记迁入", "迁入现有的户，或整户迁来另立一户", "login", "", "lines",
              (*_DAYS, "to_hh", "new_grp", "new_hno", "other_div", "proof")),
        Guide("move_out", "登记迁出", "全户或一部分人迁往外地", "logout", "from_hh", "members", (*_DAYS, "other_div", "proof")),
        Guide("split", "分户", "一部分人另立一户", "git-branch", "from_hh", "members", (*_DAYS, "new_grp", "new_hno", "proof"), rels=True),
        Guide("merge", "并户", "全户并入另一户", "git-merge", "from_hh", "all", (*_DAYS, "to_hh", "proof", "approval"), rels=True),
        Guide("marry_in", "婚嫁入户", "从外地来，或从本镇另一户来", "user-plus", "to_hh", "lines",
              (*_DAYS, "from_hh", "other_div", "proof")),
        Guide("marry_out", "婚嫁离户", "嫁到外地填地方，嫁在本镇填新户", "arrow-right", "from_hh", "members",
              (*_DAYS, "other_div", "to_hh", "proof"), rels=True),
        Guide("adopt", "登记收养", "孩子登记在收养人的户里", "heart-handshake", "to_hh", "lines",
              (*_DAYS, "from_hh", "father", "mother", "proof")),
        Guide("army", "登记参军", "服役期间户籍注销", "shield", "person", "person", (*_DAYS, "proof")),
        Guide("prison", "登记服刑", "低保等待遇要停发或重核，生效后列出待办", "lock", "person", "person", (*_DAYS, "proof")),
        Guide("release", "退役或刑满返回", "回到原来或新的户", "home-2", "person", "person", (*_DAYS, "to_hh", "proof"), rels=True),
        Guide("head_change", "变更户主", "下一步确定新户主和各人的关系", "id", "from_hh", "all", (*_DAYS, "proof")),
        Guide("correct", "更正成员", "登记错了的：谁在哪一户、与户主的关系", "edit", "from_hh", "members",
              (*_DAYS, "to_hh", "corrects", "proof"), rels=True),
        Guide("restore", "恢复", "误销的户、误报死亡或迁出的人", "arrow-back-up", "to_hh", "lines", (*_DAYS, "corrects", "proof")),
    )
}  # fmt: skip
