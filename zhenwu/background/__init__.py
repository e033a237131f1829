"""Work that no page waits for: tasks in a queue of the database, jobs that come round, and the worker that does both.

A task or job lives in the room it is about, in its `tasks.py`; this room only runs them.
"""
