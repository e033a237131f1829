"""The icons of pages as HTML, for templates (`{% icon "plus" %}`) and for what is rendered without one."""

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString


@lru_cache(maxsize=500)
def svg(name: str) -> SafeString:
    """The Tabler icon of this name, as decoration."""
    shape = '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    return format_html(shape, static("build/icons.svg"), name)
