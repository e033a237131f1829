class PlanError(Exception):
    """A plan was not made or changed. The message says what, where and what to do."""
