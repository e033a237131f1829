"""The same statements on Spark, over the same Parquet. Needs the extra `zhenwu[spark]` and Java; nothing else does."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from zhenwu.mart.errors import EngineMissing, QueryFailed
from zhenwu.mart.gathered.target import Target
from zhenwu.mart.gathered.together import Files, Rows
from zhenwu.mart.transpile import VIEW, to_spark

_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",  # a township's code stays a text
    "spark.sql.adaptive.enabled": "true",
    "spark.sql.shuffle.partitions": "8",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.showConsoleProgress": "false",
    # moves an EXISTS below a UNION without the columns that it looks at ("key not found")
    "spark.sql.optimizer.excludedRules": "org.apache.spark.sql.catalyst.optimizer.PushProjectionThroughUnion",
}
# For little data: what else takes most of the time is that each statement is compiled and divided.
SMALL = {
    "spark.sql.shuffle.partitions": "2", "spark.sql.adaptive.enabled": "false", "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}  # fmt: skip
_JAVA = "请安装 Java 17（Debian：apt install default-jre-headless），或把 JAVA_HOME 设为它的文件夹。"


def session(master: str = "local[*]", memory: str = "2g", settings: Mapping[str, str] | None = None) -> Any:
    """A Spark session on the master. Raises EngineMissing with what to install. `settings` override ours."""
    try:
        import pyspark
        from pyspark.sql import SparkSession
    except ImportError:
        raise EngineMissing("没有安装 pyspark", f"请运行 pip install 'zhenwu[spark]'（约450 MB）。{_JAVA}") from None
    home = os.environ.get("JAVA_HOME", "")
    java = os.path.join(home, "bin", "java") if home else "java"
    if not shutil.which(java):
        raise EngineMissing(f"没有找到 Java（{java}）", _JAVA)
    quiet = f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties').as_uri()}"
    os.environ.setdefault(
        "PYSPARK_SUBMIT_ARGS", f"--driver-memory {memory} --driver-java-options {quiet} pyspark-shell"
    )
    builder = SparkSession.builder.master(master).appName("zhenwu")
    own = {"spark.driver.host": "localhost"} if master.startswith("local") else {}  # a cluster must find its way back
    for name, value in {**_SETTINGS, **own, **(settings or {})}.items():
        builder = builder.config(name, value)
    try:
        made = builder.getOrCreate()
    except Exception as problem:  # a Java too old, no such master: pyspark raises what it likes
        said = f"{_first_line(problem)}\n请核对 --master {master} 能否连上，Java 是否为17或更新（pyspark {pyspark.__version__}）。"
        raise EngineMissing("Spark 没有启动", said) from None
    made.sparkContext.setLogLevel("ERROR")
    return made


class SparkTowns:
    """Townships as views of a Spark session of its own; the context below is shared and goes on when this is closed."""

    def __init__(self, spark: Any, target: Target, parameter: Rows) -> None:
        self._spark = spark.newSession()
        self._target = target
        self._parameter = parameter
        self._shown: set[str] = set()

    def show_files(self, table: str, columns: Mapping[str, str], files: Sequence[Files]) -> None:
        made = None
        for one in files or [Files((), {})]:
            part = self._read(one) if one.names else self._empty(columns)
            casts = [_said(column, kind, one.columns if one.names else columns) for column, kind in columns.items()]
            part = part.selectExpr(*casts, "town")
            made = part if made is None else made.unionAll(part)
        assert made is not None
        self._show(table, made)

    def show_rows(self, table: str, columns: Mapping[str, str], data: pa.Table) -> None:
        """Of a table in several pieces, Spark takes the first."""
        self._show(table, self._spark.createDataFrame(data.combine_chunks()))

    def ask(self, tree: exp.Query, values: Mapping[str, Any], where: str) -> pa.Table:
        sql = to_spark(tree, values, self._parameter)
        try:
            return self._spark.sql(sql).toArrow()
        except Exception as problem:  # what Spark raises depends on where it broke
            raise QueryFailed(f"{where}: {_first_line(problem)}") from problem

    def close(self) -> None:
        for table in self._shown:
            self._spark.catalog.dropTempView(VIEW + table)

    def _show(self, table: str, frame: Any) -> None:
        frame.createOrReplaceTempView(VIEW + table)
        self._shown.add(table)

    def _read(self, files: Files) -> Any:
        reader = self._spark.read.schema(_schema({**files.columns, "town": "VARCHAR"}))
        paths = [self._target.spark_path(name) for name in files.names]
        try:
            return reader.option("basePath", self._target.spark_path("data")).parquet(*paths)
        except Exception as problem:
            raise _unreachable(self._target, problem, self._spark) from None

    def _empty(self, columns: Mapping[str, str]) -> Any:
        return self._spark.createDataFrame([], _schema({**columns, "town": "VARCHAR"}))


def _unreachable(target: Target, problem: Exception, spark: Any) -> EngineMissing:
    """Spark cannot read the place: mostly for want of a connector, whose version must be that of its Hadoop."""
    said = str(problem)
    if "ClassNotFoundException" in said or "No FileSystem for scheme" in said:
        hadoop = spark.sparkContext._jvm.org.apache.hadoop.util.VersionInfo.getVersion()
        scheme = target.spark.partition(":")[0]
        known = {"s3a": f"hadoop-aws-{hadoop}.jar 和它所需的 AWS SDK bundle", "gs": "gcs-connector-hadoop3"}
        jar = known.get(scheme, f"{scheme}:// 的 Hadoop 连接器")
        remedy = f"请把 {jar} 放进 pyspark 的 jars 文件夹（版本要与 Hadoop {hadoop} 相配），再运行。"
        return EngineMissing(f"Spark 不会读 {target.said}", remedy)
    return EngineMissing(f"Spark 读不了 {target.said}", _first_line(problem))


def _said(column: str, kind: str, given: Mapping[str, str]) -> str:
    value = f"`{column}`" if column in given else "NULL"
    return value if given.get(column) == kind else f"CAST({value} AS {_spark_type(kind)}) AS `{column}`"


def _schema(columns: Mapping[str, str]) -> str:
    return ", ".join(f"`{column}` {_spark_type(kind)}" for column, kind in columns.items())


def _spark_type(kind: str) -> str:
    return {"VARCHAR": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "INTEGER": "INT"}.get(kind, kind)


def _first_line(problem: Exception) -> str:
    return re.sub(r"\s+", " ", str(problem).strip().partition("\n")[0])[:500]
