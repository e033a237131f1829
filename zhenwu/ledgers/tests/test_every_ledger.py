"""Every shipped ledger has working pages, whatever its fields are."""

import io

import openpyxl
from django.urls import reverse

from zhenwu.accounts.models import Unit
from zhenwu.changes.actions import Source
from zhenwu.changes.models import SourceKind
from zhenwu.ledgers.actions import commit
from zhenwu.ledgers.effects import closed_by_hand
from zhenwu.ledgers.importing.mapping import map_columns
from zhenwu.ledgers.operations import Add, Draft
from zhenwu.lib.sheets import find_table, read_book
from zhenwu.packs import runtime
from zhenwu.packs.spec import LINE_LABELS


def test_list_form_row_history_and_export_open_in_every_ledger(live, lin, places):
    Unit.objects.filter(label="综合办").update(lines=list(LINE_LABELS))
    client = live(lin)
    for code, ledger in runtime.ledgers().items():
        change = commit(Draft(code, lin, [Add({}, places["青山村"].pk)], Source(SourceKind.IMPORT)))
        row = ledger.rows("test").get(change=change)
        for name, args in (
            ("list", []), ("new", []), ("import", []), ("changes", []), ("row", [row.pk]), ("edit", [row.pk]), ("history", [row.pk]),
        ):  # fmt: skip
            answer = client.get(reverse(f"ledgers:{name}", args=[code, *args]))
            elsewhere = name == "new" and closed_by_hand(ledger)  # it changes as the effect of another ledger's rows
            assert answer.status_code == (302 if elsewhere else 200), (code, name)
        data = b"".join(client.get(reverse("ledgers:export", args=[code, "xlsx"])).streaming_content)
        assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].max_row == 2


def test_the_blank_sheet_of_every_ledger_maps_every_column_to_a_field_of_its_own(live, lin, places):
    Unit.objects.filter(label="综合办").update(lines=list(LINE_LABELS))
    client = live(lin)
    for code, ledger in runtime.ledgers().items():
        data = b"".join(client.get(reverse("ledgers:template", args=[code])).streaming_content)
        book = openpyxl.load_workbook(io.BytesIO(data))
        for cell in book.worksheets[0][1]:
            book.worksheets[0].cell(row=2, column=cell.column, value="甲")
        target = io.BytesIO()
        book.save(target)
        columns = find_table(read_book(target.getvalue()).visible[0]).columns
        mapped = map_columns(ledger, columns)
        assert [one.column.label for one in mapped if not one.target] == [], code
        targets = [one.target for one in mapped]
        assert len(set(targets)) == len(targets), code
