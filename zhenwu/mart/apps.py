from django.apps import AppConfig


class MartConfig(AppConfig):
    name = "zhenwu.mart"
    label = "mart"
    verbose_name = "分析副本"

    def ready(self) -> None:
        from zhenwu.ledgers.retention.hooks import register_finisher
        from zhenwu.mart.store import renew

        register_finisher(renew)
