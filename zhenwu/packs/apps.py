from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "zhenwu.packs"
    label = "packs"
    verbose_name = "台账声明"
