"""The sentences of packs, with figures in them that stay figures.

A phrase is parsed by Jinja and walked here, never compiled or run: only text, `{{ fig.code }}`, `{{ fig["code.part"] }}`
and `{% if %}` over figures with and/or/not have a meaning. Everything else is a problem of the pack, found at load.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from jinja2 import TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

from zhenwu.indicators.figures import Figure
from zhenwu.packs.errors import PackProblem
from zhenwu.packs.reader import PackSet
from zhenwu.packs.spec import Indicator, Phrase
from zhenwu.reports.errors import PhraseBroken

Segment = str | Figure
FigureOf = Callable[[str], Figure]

_ENVIRONMENT = SandboxedEnvironment()
_BREAK = re.compile(r"[ \t]*\n\s*")  # a line break of the TOML file is not a space in Chinese
_NUMBERS_THAT_COUNT = ("count", "distinct", "sum")
_REMEDY = (
    'A phrase holds text, {{ fig.code }}, {{ fig["code.part"] }} and {% if fig.code %}…{% endif %} with and/or/not.'
)


class _LeftOut(Exception):
    """A figure that is to be printed has nothing to say."""


def render(phrase: Phrase, figure: FigureOf, spec_of: Callable[[str], Indicator]) -> list[Segment]:
    """Text and figures of the phrase in order; empty when the phrase is to be left out.

    Left out is a phrase that would print a figure without value or without rows, and a sentence of summary or problem
    in which no figure speaks. In a problem or a plan, a count or sum of 0 has nothing to say either. Raises PhraseBroken.
    """
    return _Speaker(phrase, figure, spec_of).said()


@dataclass
class _Speaker:
    phrase: Phrase
    figure: FigureOf
    spec_of: Callable[[str], Indicator]
    has_spoken: bool = False

    def said(self) -> list[Segment]:
        try:
            segments = _joined(self._body(_parsed(self.phrase.text).body))
        except _LeftOut:
            return []
        if not self.has_spoken and self.phrase.kind != "plan":
            return []
        return segments if any(isinstance(one, Figure) or one.strip() for one in segments) else []

    def _body(self, body: list[nodes.Node]) -> Iterator[Segment]:
        for node in body:
            if isinstance(node, nodes.Output):
                yield from map(self._printed, node.nodes)
            else:
                yield from self._body(self._branch(node))

    def _printed(self, node: nodes.Node) -> Segment:
        if isinstance(node, nodes.TemplateData):
            return _BREAK.sub("", node.data)
        figure = self.figure(_code_of(node))
        if not self._speaks(figure):
            raise _LeftOut
        self.has_spoken = True
        return figure

    def _branch(self, node: nodes.Node) -> list[nodes.Node]:
        assert isinstance(node, nodes.If)
        for branch in [node, *node.elif_]:
            if self._holds(branch.test):
                return branch.body
        return node.else_

    def _holds(self, test: nodes.Node) -> bool:
        if isinstance(test, nodes.Not):
            return not self._holds(test.node)
        if isinstance(test, nodes.And):
            return self._holds(test.left) and self._holds(test.right)
        if isinstance(test, nodes.Or):
            return self._holds(test.left) or self._holds(test.right)
        figure = self.figure(_code_of(test))
        holds = self._speaks(figure) and not self._is_naught(figure)
        self.has_spoken |= holds
        return holds

    def _speaks(self, figure: Figure) -> bool:
        if figure.value is None or figure.row_count == 0:
            return False
        return self.phrase.kind == "summary" or not self._is_naught(figure)

    def _is_naught(self, figure: Figure) -> bool:
        """A number of things or an amount that is 0: said in a summary where it stands bare, never promised or lamented."""
        return figure.value == 0 and self.spec_of(figure.code).agg in _NUMBERS_THAT_COUNT


def phrase_problems(pack_set: PackSet) -> list[PackProblem]:
    """Everything wrong with the phrases of all packs: syntax, what a phrase may not hold, figures nobody declares."""
    known = {one.code: one for pack in pack_set.packs.values() for one in pack.indicator}
    found: list[PackProblem] = []
    for code, pack in pack_set.packs.items():
        file = pack_set.files.get(code, code)
        for phrase in pack.phrase:
            where = f"phrase {phrase.code}"
            found += [PackProblem(file, where, cause, remedy) for cause, remedy in _problems_in(phrase.text, known)]
    return found


def _problems_in(text: str, known: Mapping[str, Indicator]) -> Iterator[tuple[str, str]]:
    try:
        template = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        yield f"cannot be read: {error.message}", _REMEDY
        return
    yield from dict.fromkeys((cause, _REMEDY) for cause in _refused(template))
    for code in figures_in(template):
        name, _, part = code.partition(".")
        if name not in known:
            near = get_close_matches(name, known, n=3)
            remedy = f"Did you mean {', '.join(near)}?" if near else "Declare it as [[indicator]] or mend the code."
            yield f"no pack declares the figure {name}.", remedy
        elif part and not known[name].by:
            yield (
                f'{name} has no parts, so "{code}" is no figure.',
                "Add `by` and the column part to it, or write its code alone.",
            )


def figures_in(template: nodes.Node) -> list[str]:
    """The codes named, each once, in order."""
    asked = template.find_all((nodes.Getattr, nodes.Getitem))
    return list(dict.fromkeys(code for node in asked if (code := _code_in(node))))


def _refused(node: nodes.Node) -> Iterator[str]:
    """What has no meaning in a phrase, in the author's words."""
    if isinstance(node, nodes.TemplateData) or _code_in(node):
        return
    if isinstance(node, (nodes.Template, nodes.Output, nodes.If, nodes.And, nodes.Or, nodes.Not)):
        for child in node.iter_child_nodes():
            yield from _refused(child)
        return
    yield f"line {node.lineno}: {_NAMES.get(type(node).__name__, type(node).__name__)} is not allowed in a phrase."


_NAMES = {
    "Compare": "a comparison (a threshold belongs into an indicator or a parameter)",
    "Filter": "a filter (a figure prints itself as its indicator says)",
    "Call": "a call",
    "For": "a loop",
    "Assign": "an assignment",
    "Name": "a name other than fig",
    "Const": "a constant",
    "Getattr": "an attribute of something other than fig",
    "Getitem": "an item of something other than fig",
    "CondExpr": "an inline if (use {% if %})",
    **dict.fromkeys(
        ("Add", "Sub", "Mul", "Div", "FloorDiv", "Mod", "Pow", "Neg", "Pos", "Concat"),
        "arithmetic (a computed figure is an indicator of its own)",
    ),
}


@cache
def _parsed(text: str) -> nodes.Template:
    try:
        template = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        raise PhraseBroken(text, error.message or "") from None
    for cause in _refused(template):
        raise PhraseBroken(text, cause)
    return template


def _code_in(node: nodes.Node) -> str | None:
    """The figure's code when the node is fig.code or fig["code"]."""
    if not isinstance(node, (nodes.Getattr, nodes.Getitem)):
        return None
    if not (isinstance(node.node, nodes.Name) and node.node.name == "fig"):
        return None
    if isinstance(node, nodes.Getattr):
        return node.attr
    return node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else None


def _code_of(node: nodes.Node) -> str:
    code = _code_in(node)
    assert code is not None  # _parsed refuses everything else
    return code


def _joined(segments: Iterator[Segment]) -> list[Segment]:
    """Neighbouring texts as one, spaces at the ends gone."""
    found: list[Segment] = []
    for one in segments:
        if isinstance(one, str) and found and isinstance(found[-1], str):
            found[-1] += one
        elif one != "":
            found.append(one)
    if found and isinstance(found[0], str):
        found[0] = found[0].lstrip()
    if found and isinstance(found[-1], str):
        found[-1] = found[-1].rstrip()
    return found
