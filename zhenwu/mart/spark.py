"""The same statements on Spark, over the same Parquet. Needs the extra `zhenwu[spark]` and Java; nothing else does."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from sqlglot import exp

from zhenwu.mart.bytown import SAME_FOR_ALL, by_town
from zhenwu.mart.engine import window
from zhenwu.mart.errors import EngineMissing
from zhenwu.mart.schema import MartSchema
from zhenwu.mart.statements import Prepared
from zhenwu.mart.transpile import VIEW, parsed, to_spark

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a township's code stays a text
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.driver.host": "localhost",
    "spark.ui.showConsoleProgress": "false",
    # moves an EXISTS below a UNION without the columns that it looks at ("key not found")
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.PushProjectionThroughUnion",
}


def session(master: str = "local[*]", memory: str = "2g") -> Any:
    """A Spark session on the master. Raises EngineMissing with what to install."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineMissing(
            "没有安装 pyspark",
            "pip install 'zhenwu[spark]'；还需要 Java 17（Debian：apt install default-jre-headless）。",
        ) from None
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"--driver-memory {memory} pyspark-shell")
    builder = SparkSession.builder.master(master).appName("zhenwu")
    for name, value in _SETTINGS.items():
        builder = builder.config(name, value)
    try:
        made = builder.getOrCreate()
    except Exception as problem:  # no Java, no such master: pyspark raises what it likes
        raise EngineMissing("Spark 没有启动", f"{problem}\n请确认已安装 Java 17，或核对 --master。") from problem
    made.sparkContext.setLogLevel("ERROR")
    return made


class SparkMart:
    """Tables of one township (or of many, see gathered.py) as Spark's views. `close` ends nothing: sessions are shared."""

    def __init__(self, spark: Any, schema: MartSchema, parameters: Iterable[Mapping[str, Any]]) -> None:
        self._spark = spark
        self.schema = schema
        self._parameters = list(parameters)

    def show_files(self, table: str, paths: Sequence[str]) -> None:
        """The table is in these Parquet files."""
        self._spark.read.parquet(*paths).createOrReplaceTempView(VIEW + table)

    def show_rows(self, table: str, data: pa.Table) -> None:
        """The table is these rows (in one piece: of a table in several, Spark takes the first)."""
        self._spark.createDataFrame(data.combine_chunks()).createOrReplaceTempView(VIEW + table)

    def query(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> list[dict[str, Any]]:
        """Rows of the statement; `around` selects from `{}`."""
        return self._rows(parsed(_whole(prepared, around)), values)

    def query_by_town(self, prepared: Prepared, values: Mapping[str, Any], around: str = "") -> list[dict[str, Any]]:
        """The same of every township at once, with a column `town`; the tables and the list of townships have one too."""
        return self._rows(by_town(parsed(_whole(prepared, around)), SAME_FOR_ALL), values)

    def _rows(self, tree: exp.Query, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        sql = to_spark(tree, window(values["as_of"]) | dict(values), self._parameters)
        return [row.asDict() for row in self._spark.sql(sql).collect()]


def _whole(prepared: Prepared, around: str) -> str:
    return around.replace("{}", f"({prepared.sql})") if around else prepared.sql
