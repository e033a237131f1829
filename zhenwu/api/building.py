"""The API of the running packs: built once, when the process starts (wsgi.py), and asked by path ever after.

Django would try the patterns of all ledgers one after the other; the ledger's code in the path leads to its few at once.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from ninja import NinjaAPI

import zhenwu.ledgers.converters  # noqa: F401  makes <code:…> known to the routes
from zhenwu import __version__
from zhenwu.api import common, exports, feed, figures, places
from zhenwu.api.access import PerToken, known_caller
from zhenwu.api.problems import install
from zhenwu.api.rows import router_of
from zhenwu.ledgers import urls as _urls  # noqa: F401  registers the converters `code` and `digest`
from zhenwu.packs import runtime

ROOT = "/api/"
_LEDGERS = "ledgers/"

View = Callable[..., HttpResponse]


@dataclass
class Built:
    """`groups`: the patterns of each ledger by its code; "" holds those that are the same for all."""

    api: NinjaAPI
    groups: dict[str, list[URLPattern]] = field(default_factory=lambda: defaultdict(list))

    def find(self, path: str) -> tuple[View, dict[str, Any]] | None:
        """The view of a path below ROOT, and what the path says."""
        code = path.removeprefix(_LEDGERS).partition("/")[0] if path.startswith(_LEDGERS) else ""
        for group in (code, "") if code else ("",):
            for pattern in self.groups.get(group, ()):
                if match := pattern.resolve(path):
                    return match.func, match.kwargs
        return None


@runtime.once_per_packs
def built() -> Built:
    api = NinjaAPI(
        title="镇务通接口", version=__version__, openapi_url=None, docs_url=None, auth=known_caller, throttle=[PerToken()],
        urls_namespace=f"api-{runtime.pack_hash()[:12]}",
        description="一套台账，页面和接口用的是同一套规则和权限。说明见 docs/user/api.md。",
    )  # fmt: skip
    install(api)
    for router in (common.router, exports.router, feed.router, figures.router, places.router):
        api.add_router("", router.copy() if hasattr(router, "copy") else router)
    for code, ledger in runtime.ledgers().items():
        api.add_router(f"/{_LEDGERS}{code}", router_of(ledger))
    found = Built(api)
    for pattern in api._get_urls():
        route = str(pattern.pattern)
        code = route.removeprefix(_LEDGERS).partition("/")[0] if route.startswith(_LEDGERS) else ""
        found.groups[code if code in runtime.ledgers() else ""].append(pattern)  # type: ignore[arg-type]
    return found


def start() -> None:
    """Build it now, not in the first request."""
    built()


def answer(request: HttpRequest, path: str) -> HttpResponse | None:
    """The answer of the operation at this path; None when there is none."""
    found = built().find(path)
    return found[0](request, **found[1]) if found else None
