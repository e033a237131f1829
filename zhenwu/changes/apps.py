from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "zhenwu.changes"
    label = "changes"
    verbose_name = "变更与历史"
