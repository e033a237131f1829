from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "zhenwu.api"
    label = "api"
    verbose_name = "接口"

    def ready(self) -> None:
        from zhenwu.api.webhooks.queueing import queue_deliveries
        from zhenwu.changes.followers import register_follower

        register_follower(queue_deliveries)
