"""The functions that pack SQL may use. Each exists in DuckDB and has a Spark equivalent in sqlglot."""

from sqlglot import exp

# Classes sqlglot parses a function into. What is not listed here is refused.
ALLOWED: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Cast, exp.TryCast, exp.Coalesce, exp.Nullif, exp.Exists,
    exp.Greatest, exp.Least, exp.Abs, exp.Sign, exp.Floor, exp.Ceil, exp.Mod,
    exp.Sum, exp.Count, exp.CountIf, exp.Min, exp.Max, exp.Avg, exp.Median, exp.AnyValue, exp.GroupConcat,
    exp.LogicalAnd, exp.LogicalOr, exp.ArgMax, exp.ArgMin,
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue,
    exp.Lower, exp.Upper, exp.Trim, exp.Length, exp.Substring, exp.Left, exp.Right, exp.Concat, exp.Replace, exp.Pad,
    exp.StrPosition, exp.StartsWith, exp.EndsWith, exp.Contains, exp.RegexpLike, exp.RegexpReplace, exp.RegexpExtract,
    exp.DateDiff, exp.DateFromParts, exp.LastDay, exp.TimeToStr, exp.Extract, exp.DateTrunc, exp.TimestampTrunc,
    exp.Year, exp.Month, exp.Quarter, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear,
    exp.ToDays, exp.AddMonths,
)  # fmt: skip

# Functions sqlglot keeps by name.
ALLOWED_NAMES = frozenset({"date_part", "to_months", "to_weeks", "to_years", "dayofweek", "ends_with"})

# Functions of the platform: name in packs → macro in the engine (see reference.py).
HOST = {"param": "zw_param", "wd_add": "zw_wd_add", "wd_diff": "zw_wd_diff", "age": "zw_age"}
ADD_MONTHS = "zw_add_months"
WHOLE_DIVISION = "zw_div"

ALLOWED_TYPES = frozenset(
    {
        "DATE",
        "TIMESTAMP",
        "VARCHAR",
        "TEXT",
        "BOOLEAN",
        "INT",
        "INTEGER",
        "BIGINT",
        "SMALLINT",
        "TINYINT",
        "DECIMAL",
        "DOUBLE",
    }
)

REFUSED: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Div: ("divides with “/”.", "Return num and den; the division happens outside SQL (// divides whole numbers)."),
    exp.Round: ("rounds.", "Rounding happens outside SQL; give `places`."),
    exp.Into: ("writes with INTO.", "Only SELECT is allowed."),
    exp.Pivot: ("uses PIVOT.", "Write CASE WHEN … THEN … END per column."),
    exp.Unnest: ("uses the table function unnest.", "Use the link table <ledger>__<field>(row, value)."),
    exp.Explode: ("uses the table function unnest.", "Use the link table <ledger>__<field>(row, value)."),
    exp.Describe: ("describes a table.", "Only SELECT is allowed."),
    exp.Summarize: ("summarizes a table or file.", "Write the aggregates."),
    exp.TableSample: ("samples rows.", "A figure counts all rows."),
    exp.Lambda: ("uses a lambda.", "Use plain SQL."),
    exp.Bracket: ("indexes with [ ].", "Use substr or a link table."),
    exp.CurrentDate: ("asks for today.", "Use :as_of."),
    exp.CurrentTimestamp: ("asks for now.", "Use :as_of."),
    exp.Parameter: ("has a parameter that is not named.", "Use :as_of, :year, :from, :to or :place."),
}
