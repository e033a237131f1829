from django.apps import AppConfig


class TablesConfig(AppConfig):
    name = "zhenwu.packs.tables"
    label = "rows"
    verbose_name = "台账表"
