"""Invented names of persons and firms: common surnames and given-name syllables, put together by chance."""

from random import Random

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_MALE = "明国建文志伟强军平刚勇毅俊峰宏海斌涛超杰辉鹏飞华正浩亮民清荣新利贵林有坚和彪博诚先敬震振壮思群豪心邦承乐绍功松善厚庆友裕河哲江轩"
_FEMALE = "秀娟英华慧巧美娜静淑惠珠翠雅芝玉萍红娥玲芬芳燕彩春菊兰凤洁梅琳素云莲真环雪荣爱妹霞香月莺媛艳瑞凡佳嘉琼勤珍贞莉桂叶琴霜蓉薇菁梦岚苑婕馨瑗琰韵融园艺咏卿聪澜纯"
_FIRM_WORDS = "恒鑫宏川永顺泰安远达金盛华源兴合瑞丰汇通"


def person_name(rng: Random, sex: str, surname: str | None = None) -> str:
    """`sex` is "1" or "2"; four names of five have two given syllables."""
    given = _MALE if sex == "1" else _FEMALE
    first = rng.choice(given)
    second = rng.choice(given) if rng.random() < 0.8 else ""
    return (surname or rng.choice(SURNAMES)) + first + second


def firm_name(rng: Random, kind: str) -> str:
    """`kind` such as 建设工程有限公司."""
    return "云岭" + rng.choice(_FIRM_WORDS) + rng.choice(_FIRM_WORDS) + kind


class Phones:
    """Mobile numbers of a block that no operator gives out, each once."""

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> str:
        self._next += 1
        return f"1700{self._next * 7919 % 10_000_000:07d}"
