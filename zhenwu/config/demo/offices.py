"""The township's offices and the people who work in the demo: who they are, what they may do, where."""

from dataclasses import dataclass, field

from zhenwu.config.demo.places import TOWN


@dataclass(frozen=True)
class Office:
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Clerk:
    """`role` is a value of accounts.models.Role; `division` the village (for village roles) or the town."""

    username: str
    name: str
    role: str
    unit: str = ""
    division: str = field(default=TOWN)


OFFICES = (
    Office("党建办", ("party", "integrity", "supervision")),
    Office("应急办", ("safety", "health")),
    Office("经济发展办", ("projects", "industry", "infrastructure", "culture")),
    Office("民政办", ("welfare", "population", "payments")),
    Office("水利站", ("ecology", "forestry")),
    Office("农业农村办", ("industry", "poverty")),
    Office("财政所", ("projects", "payments")),
    Office("便民服务中心", ("service", "governance", "employment", "veterans", "population")),
    Office("纪委办", ("integrity", "supervision")),
)
CLERKS = (
    Clerk("chen", "陈晓禾", "village", division="519999100200"),
    Clerk("luo", "罗一鸣", "village", division="519999100212"),
    Clerk("xie", "谢长林", "village_lead", division="519999100200"),
    Clerk("lin", "林若溪", "office", "党建办"),
    Clerk("fang", "方启安", "office", "应急办"),
    Clerk("song", "宋明远", "office", "经济发展办"),
    Clerk("he", "何静宜", "office", "民政办"),
    Clerk("shi", "石润泽", "office", "水利站"),
    Clerk("qian", "钱谷丰", "finance", "财政所"),
    Clerk("tang", "唐怀谷", "leader"),
    Clerk("gao", "高望岳", "head"),
    Clerk("kong", "孔守正", "discipline", "纪委办"),
    Clerk("admin", "郭维新", "admin"),
    Clerk("shen", "沈安之", "security"),
    Clerk("bai", "白鉴清", "auditor"),
)
