"""What the database itself refuses: two divisions with one code on one day. Set up after every migration, because SQLite
drops triggers when a migration makes a table anew."""

from typing import Any

from django.db import connections

_SQLITE = """
CREATE TRIGGER IF NOT EXISTS division_code_{when} BEFORE {act} ON divisions_division
WHEN EXISTS (SELECT 1 FROM divisions_division other WHERE other.code = NEW.code AND other.id <> NEW.id
  AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
  AND (NEW.valid_to IS NULL OR NEW.valid_to > other.valid_from))
BEGIN SELECT RAISE(ABORT, 'division_code_once_a_day'); END"""

_POSTGRESQL = (
    """CREATE OR REPLACE FUNCTION division_code_once_a_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('division:' || NEW.code));
  IF EXISTS (SELECT 1 FROM divisions_division other WHERE other.code = NEW.code AND other.id <> NEW.id
    AND (other.valid_to IS NULL OR other.valid_to > NEW.valid_from)
    AND (NEW.valid_to IS NULL OR NEW.valid_to > other.valid_from)) THEN
    RAISE EXCEPTION 'division_code_once_a_day' USING ERRCODE = 'exclusion_violation';
  END IF;
  RETURN NEW;
END $$""",
    """CREATE OR REPLACE TRIGGER division_code BEFORE INSERT OR UPDATE OF code, valid_from, valid_to
ON divisions_division FOR EACH ROW EXECUTE FUNCTION division_code_once_a_day()""",
)


def guard_codes(using: str = "default", **_: Any) -> None:
    """A handler of post_migrate; may be called at any time."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in _POSTGRESQL:
                cursor.execute(statement)
        else:
            cursor.execute(_SQLITE.format(when="insert", act="INSERT"))
            cursor.execute(_SQLITE.format(when="update", act="UPDATE OF code, valid_from, valid_to"))


def codes_are_guarded(using: str = "default") -> bool:
    """Whether the guard stands: `zhenwu doctor` asks."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname = 'division_code' AND tgenabled <> 'D'")
            return bool(cursor.fetchone()[0] == 1)
        cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'division_code_%'")
        return bool(cursor.fetchone()[0] == 2)
