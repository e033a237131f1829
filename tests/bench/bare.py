"""The least a web worker can do: the limit that list pages are measured against."""

from collections.abc import Callable, Iterable
from typing import Any

_BODY = b"<!doctype html><title>bare</title>" + b"x" * 20_000  # about the size of a list page


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(_BODY)))])
    return [_BODY]
