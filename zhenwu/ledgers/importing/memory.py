"""What people said that the columns of their sheets are, remembered by their office or village for the next sheet."""

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from zhenwu.accounts.models import Appointment, User
from zhenwu.changes.keys import keyring
from zhenwu.ledgers.models import RememberedHeader
from zhenwu.lib.sheets import Column
from zhenwu.lib.text import clean_header

_TOWN = "town"


def recall(ledger: str, columns: Sequence[Column], by: User) -> dict[int, str]:
    """{column index: target} of what was said of this sheet's headers before; of other sheets' where they all agree."""
    headers = {column.index: _digest(ledger, _spelling(column)) for column in columns if column.label}
    known = RememberedHeader.objects.filter(ledger=ledger, keeper=keeper_of(by), header__in=headers.values())
    here, elsewhere = dict[str, str](), dict[str, set[str]]()
    this = _sheet(ledger, columns)
    for sheet, header, target in known.values_list("sheet", "header", "target"):
        if sheet == this:
            here[header] = target
        elsewhere.setdefault(header, set()).add(target)
    found: dict[int, str] = {}
    for index, header in headers.items():
        if header in here:
            found[index] = here[header]
        elif len(said := elsewhere.get(header, ())) == 1:
            found[index] = next(iter(said))
    return found


def remember(ledger: str, columns: Sequence[Column], chosen: dict[int, str], by: User) -> None:
    """Keep what a person said of these columns, over what was kept before."""
    sheet, keeper = _sheet(ledger, columns), keeper_of(by)
    for column in columns:
        if column.label and column.index in chosen:
            RememberedHeader.objects.update_or_create(
                ledger=ledger, keeper=keeper, sheet=sheet, header=_digest(ledger, _spelling(column)),
                defaults={"target": chosen[column.index], "by": by},
            )  # fmt: skip


def forget(ledger: str, columns: Sequence[Column], by: User) -> int:
    """Forget everything that the person's office or village remembers of these headers; returns how much that was."""
    headers = [_digest(ledger, _spelling(column)) for column in columns if column.label]
    count, _ = RememberedHeader.objects.filter(ledger=ledger, keeper=keeper_of(by), header__in=headers).delete()
    return count


def keeper_of(by: User) -> str:
    """The office, else the village, that the person works for; else the township."""
    today = timezone.localdate()
    still = Q(valid_to__isnull=True) | Q(valid_to__gt=today)
    posts = list(Appointment.objects.filter(still, user=by, valid_from__lte=today).order_by("pk"))
    unit = next((one.unit_id for one in posts if one.unit_id), None)
    village = next((one.division_id for one in posts if one.division_id), None)
    return f"unit:{unit}" if unit else f"place:{village}" if village else _TOWN


def _sheet(ledger: str, columns: Sequence[Column]) -> str:
    """All headers of a sheet, in any order: a sender's sheet has them month after month."""
    return _digest(ledger, "\n".join(sorted(_spelling(column) for column in columns)))


def _spelling(column: Column) -> str:
    return "/".join(clean_header(part) for part in column.path)


def _digest(ledger: str, words: str) -> str:
    return keyring().index(f"{ledger}\n{words}", "header")
