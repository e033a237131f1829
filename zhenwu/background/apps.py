from django.apps import AppConfig


class BackgroundConfig(AppConfig):
    name = "zhenwu.background"
    label = "background"
    verbose_name = "后台工作"
