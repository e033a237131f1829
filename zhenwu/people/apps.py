from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "zhenwu.people"
    label = "people"
    verbose_name = "人口与户"
