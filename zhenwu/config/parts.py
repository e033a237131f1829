"""Template tags of every page (a builtin of the templates, so that nothing has to be loaded)."""

from django import template
from django.utils.safestring import SafeString

from zhenwu.ledgers.icons import svg

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """A page has dozens of icons, and each included template costs 50 µs."""
    return svg(name)
