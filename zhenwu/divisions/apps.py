from django.apps import AppConfig


class DivisionsConfig(AppConfig):
    name = "zhenwu.divisions"
    label = "divisions"
    verbose_name = "行政区划"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from zhenwu.divisions.guards import guard_codes

        post_migrate.connect(guard_codes, sender=self, dispatch_uid="divisions.guard_codes")
