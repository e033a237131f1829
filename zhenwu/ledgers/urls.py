from django.urls import path, register_converter
from django.urls.converters import StringConverter

from zhenwu.ledgers.designer import views as designer
from zhenwu.ledgers.views import (
    acts,
    bulk,
    calendar,
    changes,
    compare,
    edit,
    exports,
    files,
    imports,
    lists,
    lookup,
    points,
    rows,
)


class Code(StringConverter):
    regex = "[a-z][a-z0-9_]{0,40}"


class Digest(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(Code, "code")
register_converter(Digest, "digest")

app_name = "ledgers"
urlpatterns = [
    path("", lists.index, name="index"),
    path("lookup/<str:kind>/", lookup.lookup, name="lookup"),
    path("calendar/", calendar.year_page, name="calendar"),
    path("calendar/<int:year>/notice/", calendar.notice_page, name="calendar_notice"),
    path("calendar/<str:day>/", calendar.day_page, name="calendar_day"),
    path("changes/", changes.change_list, name="all_changes"),
    path("changes/<int:change>/", changes.change_page, name="change"),
    path("changes/<int:change>/undo/", changes.undo_change, name="undo"),
    path("imports/", imports.index, name="imports"),
    path("imports/<uuid:job>/", imports.show, name="import_preview"),
    path("imports/<uuid:job>/progress/", imports.progress, name="import_progress"),
    path("imports/<uuid:job>/again/", imports.again, name="import_again"),
    path("imports/<uuid:job>/stop/", imports.stop, name="import_stop"),
    path("imports/<uuid:job>/forget/", imports.forget, name="import_forget"),
    path("imports/<uuid:job>/apply/", imports.apply, name="import_apply"),
    path("imports/<uuid:job>/drop/", imports.drop, name="import_drop"),
    path("imports/<uuid:job>/problems.xlsx", imports.problems, name="import_problems"),
    path("new/", designer.new, name="design_new"),
    path("designs/", designer.index, name="designs"),
    path("designs/receive/", designer.receive, name="design_receive"),
    path("designs/<uuid:draft>/", designer.edit, name="design"),
    path("designs/<uuid:draft>/plan/", designer.plan, name="design_plan"),
    path("designs/<uuid:draft>/send/", designer.send, name="design_send"),
    path("designs/<uuid:draft>/apply/", designer.apply, name="design_apply"),
    path("designs/<uuid:draft>/started/", designer.started, name="design_started"),
    path("designs/<uuid:draft>/ready/", designer.ready, name="design_ready"),
    path("designs/<uuid:draft>/import/", designer.import_rows, name="design_import"),
    path("designs/<uuid:draft>/drop/", designer.drop, name="design_drop"),
    path("designs/<uuid:draft>/pack.toml", designer.draft_text, name="design_text"),
    path("<code:code>/design/", designer.change, name="design_change"),
    path("<code:code>/pack.toml", designer.ledger_text, name="pack_text"),
    path("<code:code>/", lists.listing, name="list"),
    path("<code:code>/new/", edit.new, name="new"),
    path("<code:code>/import/", imports.upload, name="import"),
    path("<code:code>/template.xlsx", exports.template, name="template"),
    path("<code:code>/export.<str:kind>", exports.export_view, name="export"),
    path("<code:code>/changes/", changes.change_list, name="changes"),
    path("<code:code>/points/<code:field>/", points.points, name="points"),
    path("<code:code>/bulk/", bulk.bulk, name="bulk"),
    path("<code:code>/<uuid:row>/", rows.row_page, name="row"),
    path("<code:code>/<uuid:row>/edit/", edit.edit, name="edit"),
    path("<code:code>/<uuid:row>/history/", rows.history, name="history"),
    path("<code:code>/<uuid:row>/compare/", compare.compare_page, name="compare"),
    path("<code:code>/<uuid:row>/restore/<int:version>/", rows.restore, name="restore"),
    path("<code:code>/<uuid:row>/step/<code:step>/", acts.step, name="step"),
    path("<code:code>/<uuid:row>/review/<code:act>/", acts.review, name="review"),
    path("<code:code>/<uuid:row>/reveal/<code:field>/", rows.reveal, name="reveal"),
    path("<code:code>/<uuid:row>/reveal/<code:table>/<uuid:line>/<code:field>/", rows.reveal, name="reveal"),
    path("<code:code>/<uuid:row>/files/<digest:digest>/", files.download, name="file"),
]
