from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "zhenwu.packs"
    label = "packs"
    verbose_name = "台账声明"

    def ready(self) -> None:
        from zhenwu.accounts import catalogue
        from zhenwu.divisions.following import register_parameters
        from zhenwu.packs import runtime  # models are not loaded before

        catalogue.register(lambda: {code: ledger.label for code, ledger in runtime.ledgers().items()})
        register_parameters(lambda code, on: runtime.param(code, on=on))
