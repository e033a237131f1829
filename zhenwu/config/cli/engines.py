"""Which engine answers: DuckDB in this process, or Spark on a machine or a cluster."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from zhenwu.config.cli.base import Fault

if TYPE_CHECKING:
    from zhenwu.mart.gathered.together import OpenEngine


class Engine(StrEnum):
    DUCKDB = "duckdb"
    SPARK = "spark"


ENGINE: Any = typer.Option(
    Engine.DUCKDB, "--engine", help="duckdb，或 spark（需要 pip install 'zhenwu[spark]' 和 Java 17）"
)
MASTER: Any = typer.Option("local[*]", "--master", help="Spark 的主节点，如 local[4]、spark://主机:7077、yarn")
MEMORY: Any = typer.Option("2g", "--memory", help="汇总计算或 Spark 最多用多少内存，如 4g")
GATHERED: Any = typer.Option(
    "", "--gathered", metavar="PATH", help="对 zhenwu mart gather 汇总的各乡镇一起算，按乡镇列出"
)


def opened(engine: Engine, master: str, memory: str) -> "OpenEngine":
    """What opens the engine for townships that are asked together. To be called inside `reported`."""
    if engine is Engine.DUCKDB:
        from zhenwu.mart.gathered.duck import DuckTowns

        return partial(DuckTowns, memory=f"{memory}b" if memory[-1:].lower() in "kmgt" else memory)
    from zhenwu.mart.spark import SparkTowns, session

    spark = session(master, memory)
    return lambda target, _calendar, parameter: SparkTowns(spark, target, parameter)


@contextmanager
def reported() -> Iterator[None]:
    """What an engine, or a place where marts are gathered, lacks, said to who typed the command."""
    from zhenwu.mart.errors import EngineMissing, GatheredUnusable, NotGathered, QueryFailed, QueryTooSlow

    try:
        yield
    except (EngineMissing, GatheredUnusable) as problem:
        raise Fault(problem.cause, problem.remedy) from None
    except (NotGathered, QueryFailed, QueryTooSlow) as problem:
        raise Fault("没有算出来", str(problem), code=1) from None
