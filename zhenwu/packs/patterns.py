"""Which patterns of packs a value could be matched against for ever."""

import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from typing import Any, Final

_MANY: Final = 10
_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT)


def is_slow(pattern: str) -> bool:
    """Whether a repetition stands in, or a choice is made in, another repetition of more than a few times: such patterns
    may take exponential time. Some harmless ones are refused too; they can be written without."""
    return _is_slow(parser.parse(pattern), inside=False)


def _is_slow(parsed: Iterable[tuple[Any, Any]], *, inside: bool) -> bool:
    for code, argument in parsed:
        many = code in _REPEATS and argument[1] > _MANY
        if inside and (many or code is codes.BRANCH):
            return True
        if any(_is_slow(part, inside=inside or many) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> Iterable[Any]:
    """The patterns within one node, however deep they lie in it."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, (tuple, list)):
        for one in argument:
            yield from _parts(one)
