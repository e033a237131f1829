from django.apps import AppConfig


class FieldworkConfig(AppConfig):
    name = "zhenwu.fieldwork"
    label = "fieldwork"
    verbose_name = "实地核查"

    def ready(self) -> None:
        from zhenwu.fieldwork.actions import forget_rows
        from zhenwu.fieldwork.keeping import PLANS, RESULTS, verify_plans, verify_results
        from zhenwu.fieldwork.queries import error_rate_beside
        from zhenwu.ledgers.audit import register_verifier
        from zhenwu.ledgers.remarks import register_remark
        from zhenwu.ledgers.retention.hooks import register_eraser

        register_eraser(forget_rows)
        register_remark(error_rate_beside)
        register_verifier(PLANS, verify_plans)
        register_verifier(RESULTS, verify_results)
