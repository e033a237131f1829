from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "zhenwu.places"
    label = "places"
    verbose_name = "区划页面"
