from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "zhenwu.api"
    label = "api"
    verbose_name = "接口"
