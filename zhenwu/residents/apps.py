from django.apps import AppConfig


class ResidentsConfig(AppConfig):
    name = "zhenwu.residents"
    label = "residents"
    verbose_name = "户与人口变动"

    def ready(self) -> None:
        from zhenwu.ledgers.effects import register_effect
        from zhenwu.ledgers.importing.companions import register_companion
        from zhenwu.ledgers.pages import OwnPage, register_pages
        from zhenwu.residents.effects import effect_of, settled
        from zhenwu.residents.register import Register

        register_effect("household_event", "effect", effect_of, writes=("person", "household", "household_member"))
        register_effect("household_event", "settle", settled)
        register_pages(
            "person", row=OwnPage("residents:person", "个人页"), beside=(OwnPage("residents:doubles", "疑似重复登记"),)
        )
        register_pages("household", row=OwnPage("residents:household", "户页"))
        register_pages(
            "household_event", row=OwnPage("residents:event", "办理"), new=OwnPage("residents:start", "登记变动")
        )
        register_companion("person", Register())
