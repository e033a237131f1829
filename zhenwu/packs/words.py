"""Names a field may not have."""

IMPLICIT_COLUMNS = frozenset(
    {
        "id", "no", "division", "review", "state", "version", "created_by", "created_at", "changed_by", "changed_at",
        "change", "voided_by_change", "source", "note", "files",
    }
)  # fmt: skip

SQL_WORDS = frozenset(
    {
        "all", "and", "any", "as", "asc", "between", "by", "case", "cast", "check", "column", "create", "cross", "current",
        "date", "day", "default", "delete", "desc", "distinct", "drop", "else", "end", "except", "exists", "false", "for",
        "foreign", "from", "full", "group", "having", "if", "in", "index", "inner", "insert", "interval", "into", "is",
        "join", "key", "left", "like", "limit", "month", "natural", "not", "null", "of", "offset", "on", "or", "order",
        "only", "outer", "primary", "references", "right", "row", "rows", "select", "set", "table", "then", "time", "timestamp",
        "to", "true", "union", "unique", "update", "user", "using", "values", "view", "when", "where", "with", "year",
    }
)  # fmt: skip
