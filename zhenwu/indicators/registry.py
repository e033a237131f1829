"""The indicators of the running packs, prepared when first asked for."""

from zhenwu.indicators.errors import UnknownIndicator
from zhenwu.indicators.prepared import PreparedIndicator, prepare_indicator
from zhenwu.mart.statements import Preparer
from zhenwu.mart.store import running_schema
from zhenwu.packs import runtime
from zhenwu.packs.spec import Indicator, PackSpec


class Registry:
    def __init__(self) -> None:
        packs = runtime.packs()
        self._files = packs.files
        self._specs: dict[str, tuple[PackSpec, Indicator]] = {
            one.code: (pack, one) for pack in packs.packs.values() for one in pack.indicator
        }
        self._prepared: dict[str, PreparedIndicator] = {}

    def codes(self) -> list[str]:
        return list(self._specs)

    def spec(self, code: str) -> Indicator:
        return self._said(code)[1]

    def ledger(self, code: str) -> str:
        return self._said(code)[0].ledger.code

    def part_label(self, code: str, part: str) -> str:
        """What people read for a part: the label of the option that it is the value of, else the value itself."""
        pack, _ = self._said(code)
        options = (option for one in pack.field for option in one.options)
        return next((option.shown for option in options if option.value == part), part)

    def prepared(self, code: str) -> PreparedIndicator:
        known = self._prepared.get(code)
        if known is None:
            pack, spec = self._said(code)
            preparer = Preparer(running_schema(), pack, self._files.get(pack.ledger.code, ""))
            known = self._prepared[code] = prepare_indicator(preparer, spec)
        return known

    def _said(self, code: str) -> tuple[PackSpec, Indicator]:
        try:
            return self._specs[code]
        except KeyError:
            raise UnknownIndicator(code) from None


@runtime.once_per_packs
def registry() -> Registry:
    return Registry()
