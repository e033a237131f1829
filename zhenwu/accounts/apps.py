from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "zhenwu.accounts"
    label = "accounts"
    verbose_name = "用户与权限"

    def ready(self) -> None:
        from zhenwu.accounts.placed import count_posts  # models are not loaded before
        from zhenwu.accounts.succession import FOLLOWER
        from zhenwu.accounts.watching import listen
        from zhenwu.divisions.following import register_counter, register_follower

        listen()
        register_counter(count_posts)
        register_follower(FOLLOWER)
