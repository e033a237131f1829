from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "zhenwu.checks"
    label = "checks"
    verbose_name = "核对与问题"
