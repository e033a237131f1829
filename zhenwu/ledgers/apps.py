from django.apps import AppConfig


class LedgersConfig(AppConfig):
    name = "zhenwu.ledgers"
    label = "ledgers"
    verbose_name = "台账"

    def ready(self) -> None:
        from zhenwu.changes.followers import register_follower
        from zhenwu.divisions.following import register_counter
        from zhenwu.ledgers.calendar import stored_calendar
        from zhenwu.ledgers.placed import count_rows
        from zhenwu.ledgers.search_index import forget_converted
        from zhenwu.lib.workdays import use_calendar

        use_calendar(stored_calendar)
        register_counter(count_rows)
        register_follower(forget_converted)
