from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "zhenwu.places"
    label = "places"
    verbose_name = "区划页面"

    def ready(self) -> None:
        from zhenwu.divisions.steps import papers_named  # models are not loaded before
        from zhenwu.ledgers.retention.hooks import register_namer

        register_namer(papers_named)
