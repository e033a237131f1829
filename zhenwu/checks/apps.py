from django.apps import AppConfig


class ChecksConfig(AppConfig):
    name = "zhenwu.checks"
    label = "checks"
    verbose_name = "核对与问题"

    def ready(self) -> None:
        from zhenwu.checks.forgetting import files_named, forget_rows
        from zhenwu.checks.keeping import LEDGER, verify
        from zhenwu.checks.queries import open_red_for
        from zhenwu.ledgers.audit import register_verifier
        from zhenwu.ledgers.guards import register_guard
        from zhenwu.ledgers.retention.hooks import register_eraser, register_namer

        register_guard(open_red_for)
        register_eraser(forget_rows)
        register_namer(files_named)
        register_verifier(LEDGER, verify)
