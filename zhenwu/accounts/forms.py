from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils import timezone


class LoginForm(AuthenticationForm):
    """Log-in that refuses a one-time password nobody used in time."""

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if user.must_change_password and user.code_until is not None and user.code_until < timezone.now():
            raise ValidationError("这个一次性密码已经过期，请联系系统管理员重新设置。", code="expired")
