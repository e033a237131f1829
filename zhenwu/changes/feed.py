"""How far the numbers of changes may be read without ever missing one.

A change takes its number when it is opened and becomes visible when its transaction ends. On PostgreSQL several are under
way at once: 41 may become visible after 42, and who had read up to 42 would never see 41. So every writer first leaves a
mark that says "a number above N is being taken" (N: the last number given out so far), as an advisory lock that its
transaction holds to the end, whatever the end is. A reader takes, in this order,

1. the last number given out: each number up to it was taken by a writer whose mark was already left;
2. the lowest mark of the writers still under way: every number up to it belongs to a transaction that has ended;
3. the changes up to the lower of the two, in a newer snapshot, which sees all of those that were committed.

Nobody waits for anybody: the locks are shared, and a long import only holds the feed back while it runs. SQLite has one
writer at a time, which takes its number and ends before the next begins, so that the newest number is always settled.
"""

from django.db import connection

from zhenwu.changes.models import Change

_MARKS = 519_001  # the class of our advisory locks
_SEQUENCE = "pg_sequence_last_value(pg_get_serial_sequence(%s, 'id')::regclass)"
_WRAP = 2**31 - 1  # an advisory lock of two parts has 31 bits for each


def announce_change() -> None:
    """Leave the mark, before the number of a change is taken; in the transaction of the change."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE({_SEQUENCE}, 0)", [Change._meta.db_table])
        last = int(cursor.fetchone()[0])
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_MARKS, last % _WRAP])


def settled_number() -> int:
    """The highest number up to which no change is under way any more; 0 when there is none. To be asked before the changes
    are read, and outside of a snapshot that is older."""
    if connection.vendor != "postgresql":
        return Change.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE({_SEQUENCE}, 0)", [Change._meta.db_table])
        last = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT min(objid::bigint) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = %s "
            "AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [_MARKS],
        )
        mark = cursor.fetchone()[0]
    return last if mark is None else min(last, last - (last - int(mark)) % _WRAP)
