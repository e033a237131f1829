"""What is asked of every path, and who may. A new URL pattern needs its line here, or the matrix test fails.

Each entry yields `Ask`s. `allowed(actor)` is True (an answer other than 403 and 404), False (403 or 404), or None: the
answer depends on more than rights, so that only leaks and writing are looked at. `guards` is a row that must not change
unless `changes(actor)`.
"""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from tests.rights.cast import FAR, OWN, PLACES, Actor
from tests.rights.world import LEDGERS, WORD, World
from zhenwu.accounts.models import Role
from zhenwu.checks.acts import ACTS
from zhenwu.ledgers.models import ErasureOrder, ExportRequest
from zhenwu.ledgers.retention.due import holds_personal
from zhenwu.packs import runtime

Allowed = Callable[[Actor], bool | None]
NOWHERE = "00000000-0000-7000-8000-000000000000"


@dataclass(frozen=True)
class Ask:
    path: str
    allowed: Allowed
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    guards: tuple[str, str] | None = None  # (ledger, place) of a row
    changes: Allowed = lambda actor: False
    reveals: bool = False  # a personal number is shown to who may, on purpose


def everyone(actor: Actor) -> bool:
    return actor.is_logged_in


def works(actor: Actor) -> bool:
    return actor.works


def whole_town(actor: Actor) -> bool:
    return actor.whole_town


def role(*roles: Role) -> Allowed:
    return lambda actor: actor.administers(*roles)


def depends(actor: Actor) -> bool | None:
    """Allowed at most to who works here; for them the state of things decides."""
    return None if actor.works else False


def maybe(actor: Actor) -> bool | None:
    return None if actor.is_logged_in else False


def may(verb: str, code: str, place: str = "") -> Allowed:
    return lambda actor: actor.may(verb, runtime.ledger(code), place)


def any_of(verbs: str, code: str, place: str = "") -> Allowed:
    """Who holds one of the verbs (space between)."""
    return lambda actor: any(actor.may(verb, runtime.ledger(code), place) for verb in verbs.split())


def at_most(verb: str, code: str, place: str = "") -> Allowed:
    """None for who may: rules beyond rights decide."""
    return lambda actor: None if actor.may(verb, runtime.ledger(code), place) else False


def in_ledgers(tail: str, verb: str = "read", *queries: str) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for code in LEDGERS:
            for query in ("", *queries):
                far, near = world.places[FAR].pk, world.row("person", FAR).pk
                said = query.format(far=far, person=near, word=WORD)
                yield Ask(f"/ledgers/{code}/{tail}{said}", may(verb, code))

    return asks


def on_rows(tail: str, allowed: Callable[[str, str], Allowed], **more: Any) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for code in LEDGERS:
            for place in PLACES:
                row = world.row(code, place)
                said = tail.format(digest=world.files[place], version=row.version)
                yield Ask(f"/ledgers/{code}/{row.pk}/{said}", allowed(code, place), **more)

    return asks


def act(tail: str, verb: str, **data: Any) -> Callable[[World], Iterator[Ask]]:
    """A POST that would change a row: whoever may not leaves it as it was."""

    def asks(world: World) -> Iterator[Ask]:
        for code in LEDGERS:
            for place in PLACES:
                row = world.row(code, place)
                said = {"version": row.version, "reason": "试", "note": "试", **data}
                yield Ask(
                    f"/ledgers/{code}/{row.pk}/{tail}", at_most("read", code, place), "post", said,
                    (code, place), any_of(verb, code, place),
                )  # fmt: skip

    return asks


def drafts_places(actor: Actor) -> bool:
    """Who enters households for the whole township plans its reorganisation."""
    return actor.may("enter", runtime.ledger("household"), FAR) and actor.may("enter", runtime.ledger("household"), OWN)


def nobody(actor: Actor) -> bool:
    """Of what is not there."""
    return False


def plans_or_decides(actor: Actor) -> bool:
    return drafts_places(actor) or actor.administers(Role.LEADER, Role.HEAD)


def sees_posts(actor: Actor) -> bool:
    """Who plans a reorganisation, who decides it, and who gives rights."""
    return plans_or_decides(actor) or actor.administers(Role.SECURITY)


def of_places(world: World) -> Iterator[Ask]:
    for place in PLACES:
        yield Ask(f"/places/{world.places[place].pk}/", works)


def bulk(world: World) -> Iterator[Ask]:
    for code in LEDGERS:
        for place in PLACES:
            row = world.row(code, place)
            for which, verbs in (("submit", "enter"), ("approve", "approve"), ("void", "enter manage")):
                said = {"act": which, "rows": [f"{row.pk}:{row.version}"], "reason": "试"}
                allowed, changes = at_most("read", code), any_of(verbs, code, place)
                yield Ask(f"/ledgers/{code}/bulk/", allowed, "post", said, (code, place), changes)


def lookups(world: World) -> Iterator[Ask]:
    for code in LEDGERS:
        yield Ask(f"/ledgers/lookup/{code}/?q={WORD}", may("read", code))
    for kind in ("division", "unit", "user"):
        yield Ask(f"/ledgers/lookup/{kind}/?q=村", maybe)
    yield Ask("/ledgers/lookup/nothing/?q=村", lambda actor: False)


def reveals(world: World) -> Iterator[Ask]:
    for place in PLACES:
        row = world.row("person", place)
        path = f"/ledgers/person/{row.pk}/reveal/phone/"

        def shown(actor: Actor, place: str = place) -> bool:
            return actor.shown(runtime.ledger("person"), place, "S2")

        yield Ask(path, shown)
        yield Ask(path, shown, "post", {"purpose": "P6", "note": "核对信息"}, reveals=True)
        yield Ask(
            f"/ledgers/person/{row.pk}/reveal/name/", lambda actor: False, "post", {"purpose": "P6", "note": "核对信息"}
        )
        yield Ask(f"/ledgers/person/{row.pk}/reveal/phone/{NOWHERE}/idno/", lambda actor: False)


_EVENT = "/residents/events/{row}/"


def _reads(code: str, place: str) -> Allowed:
    return may("read", code, place)


def _reads_at_most(code: str, place: str) -> Allowed:
    return at_most("read", code, place)


def on_one(
    ledger: str, path: str, allowed: Callable[[str, str], Allowed], method: str = "get", **data: Any
) -> Callable[[World], Iterator[Ask]]:
    """A page of the room `residents` about a row of this ledger."""

    def asks(world: World) -> Iterator[Ask]:
        for place in PLACES:
            row, home = world.row(ledger, place), world.row("household", place)
            yield Ask(path.format(row=row.pk, home=home.pk), allowed(ledger, place), method, data, (ledger, place))
        yield Ask(path.format(row=NOWHERE, home=NOWHERE), lambda actor: False, method, data)

    return asks


def comparisons(world: World) -> Iterator[Ask]:
    """Two persons side by side, and joining them: only who reviews the ledger of persons and sees both."""
    low, high = sorted((world.row("person", OWN).pk, world.row("person", FAR).pk))
    path = f"/residents/doubles/{low}/{high}/"
    yield Ask(path, may("approve", "person"))
    yield Ask(path, at_most("approve", "person"), "post", {"act": "merge", "keep": str(low)}, ("person", FAR))


def entries(world: World) -> Iterator[Ask]:
    """Entering an event: the question whose it is, and the form for a household of each place."""
    for place in PLACES:
        home, person = world.row("household", place).pk, world.row("person", place).pk
        yield Ask(f"/residents/events/new/split/?household={home}", may("enter", "household_event"))
        yield Ask(f"/residents/events/new/death/?person={person}", may("enter", "household_event"))
        said = {
            "household": str(home),
            "who": [str(person)],
            "happen": "2020-05-01",
            "known": "2020-05-01",
            "act": "submit",
        }
        path = "/residents/events/new/move_out/"
        yield Ask(path, at_most("enter", "household_event"), "post", said, ("household", place))
    yield Ask("/residents/events/new/nothing/", lambda actor: False)


def person_copies(world: World) -> Iterator[Ask]:
    for place in PLACES:
        path = f"/ledgers/person/{world.row('person', place).pk}/copy/"

        def shown(actor: Actor, place: str = place) -> bool:
            return actor.shown(runtime.ledger("person"), place, "S2")

        yield Ask(path, shown)
        yield Ask(path, shown, "post", {"purpose": "本人申请查阅"}, reveals=True)
        yield Ask(f"/ledgers/hazard_site/{world.row('hazard_site', place).pk}/copy/", lambda actor: False)


def changes(world: World) -> Iterator[Ask]:
    for code in LEDGERS:
        for place in PLACES:
            row = world.row(code, place)
            yield Ask(f"/ledgers/changes/{row.change_id}/", may("read", code, place))
            yield Ask(f"/ledgers/changes/{row.change_id}/undo/", at_most("read", code, place), "post",
                      {"reason": "试"}, (code, place), any_of("enter check", code, place))  # fmt: skip


def imports(tail: str, method: str = "get") -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for owner, job in world.jobs.items():
            allowed: Allowed = lambda actor, owner=owner: None if actor.name == owner else False  # noqa: E731
            yield Ask(f"/ledgers/imports/{job.pk}/{tail}", allowed, method)

    return asks


def figures(tail: str) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for code in ("pop_n", "dibao_n", "hz_n", "river_n"):
            if code in known_figures():
                yield Ask(f"/figures/{code}/{tail}", depends)
        yield Ask(f"/figures/nothing/{tail}", lambda actor: False)

    return asks


def known_figures() -> set[str]:
    from zhenwu.indicators.queries import indicator_codes

    return set(indicator_codes())


def findings(tail: str = "", method: str = "get", *, loosely: bool = False) -> Callable[[World], Iterator[Ask]]:
    """`loosely`: whether it may be asked depends on the finding's state too."""
    sure = None if loosely or method != "get" else True

    def asks(world: World) -> Iterator[Ask]:
        for place, one in world.findings.items():

            def allowed(actor: Actor, place: str = place) -> bool | None:
                if actor.whole_town:
                    return sure
                return sure if actor.may("read", runtime.ledger("dibao"), place) else False

            yield Ask(f"/findings/{one.pk}/{tail}", allowed, method, {"explanation": "试", "reason": "试"})

    return asks


def bulk_findings(world: World) -> Iterator[Ask]:
    for place, one in world.findings.items():

        def allowed(actor: Actor, place: str = place) -> bool | None:
            return None if actor.whole_town or actor.may("read", runtime.ledger("dibao"), place) else False

        yield Ask("/findings/bulk/", allowed, "post", {"act": "explain", "findings": [str(one.pk)]})


def once(path: str, allowed: Allowed, method: str = "get", **data: Any) -> Callable[[World], Iterable[Ask]]:
    return lambda world: [Ask(path.format(**_ids(world)), allowed, method, data)]


def _ids(world: World) -> dict[str, Any]:
    return {
        "user": world.users["leader"].pk, "post": world.post.pk, "unit": world.post.unit_id or world.grant.unit_id,
        "grant": world.grant.pk, "plan": world.plan.pk, "task": world.task.pk, "report": world.report.pk,
        "none": uuid.UUID(NOWHERE), "event": world.event.pk,
    }  # fmt: skip


def both(*entries: Callable[[World], Iterable[Ask]]) -> Callable[[World], Iterable[Ask]]:
    return lambda world: [ask for entry in entries for ask in entry(world)]


def get_and_post(path: str, allowed: Allowed, posted: Allowed | None = None) -> Callable[[World], Iterable[Ask]]:
    return both(once(path, allowed), once(path, posted or allowed, "post"))


A, S, L = Role.ADMIN, Role.SECURITY, Role.AUDITOR
ROW = "/ledgers/person/"
_QUERIES = (
    "?q={word}",
    "?place={far}",
    "?f_applicant={person}",
    "?f_father={person}",
    "?voided=1&mine=1",
    "?sort=division",
)

EXPECTED: dict[str, Callable[[World], Iterable[Ask]]] = {
    "desk": once("/", everyone),
    "search": both(once(f"/search/?q={WORD}", everyone), once("/search/?q=139", everyone)),
    "login": once("/login/", lambda actor: True),
    "logout": once("/logout/", lambda actor: None, "post"),
    "password_change": get_and_post("/password/", everyone),
    "health": once("/healthz", lambda actor: True),
    # administrators
    "accounts:users": once("/accounts/users/", role(A, S, L)),
    "accounts:new_user": get_and_post("/accounts/users/new/", role(A)),
    "accounts:user": both(once("/accounts/users/{user}/", role(A, S, L)), once("/accounts/users/999999/", lambda actor: False)),
    "accounts:code": once("/accounts/users/{user}/code/", role(A, S), "post"),
    "accounts:approve": once("/accounts/users/{user}/approve/", role(S), "post"),
    "accounts:unlock": once("/accounts/users/{user}/unlock/", role(S), "post"),
    "accounts:deactivate": get_and_post("/accounts/users/{user}/deactivate/", role(A)),
    "accounts:appoint": get_and_post("/accounts/users/{user}/appoint/", role(S)),
    "accounts:end_post": get_and_post("/accounts/posts/{post}/end/", role(S)),
    "accounts:move_post": get_and_post("/accounts/posts/{post}/move/", role(S)),
    "accounts:units": once("/accounts/units/", role(A, S, L)),
    "accounts:new_unit": get_and_post("/accounts/units/new/", role(A)),
    "accounts:edit_unit": get_and_post("/accounts/units/{unit}/", role(A)),
    "accounts:grants": once("/accounts/grants/", role(S, L)),
    "accounts:new_grant": get_and_post("/accounts/grants/new/", role(S)),
    "accounts:end_grant": get_and_post("/accounts/grants/{grant}/end/", role(S)),
    "accounts:log": once(f"/accounts/log/?q={WORD}", role(L)),
    "accounts:export_log": both(once("/accounts/log/export.csv", role(L)), once("/accounts/log/export.xlsx", role(L))),
    "accounts:changes": once("/accounts/log/changes/", role(L)),
    "accounts:delegations": once("/accounts/delegations/", maybe),
    "accounts:new_delegation": get_and_post("/accounts/delegations/new/", maybe),
    "accounts:end_delegation": once("/accounts/delegations/{none}/end/", lambda actor: False, "post"),
    # ledgers
    "ledgers:index": both(once("/ledgers/", everyone), once(f"/ledgers/?q={WORD}", everyone)),
    "ledgers:lookup": lookups,
    "ledgers:list": in_ledgers("", "read", *_QUERIES),
    "ledgers:new": both(in_ledgers("new/", "enter", "?applicant={person}&division={far}"), lambda world: [
        Ask(f"/ledgers/{code}/new/", at_most("enter", code), "post", {"act": "save"}) for code in LEDGERS
    ]),
    "ledgers:import": in_ledgers("import/", "enter"),
    "ledgers:template": in_ledgers("template.xlsx", "enter"),
    "ledgers:export": both(in_ledgers("export.csv", "read", "?q={word}"), in_ledgers("export.xlsx")),
    "ledgers:changes": in_ledgers("changes/"),
    "ledgers:bulk": bulk,
    "ledgers:row": on_rows("", lambda code, place: may("read", code, place)),
    "ledgers:history": on_rows("history/", lambda code, place: may("read", code, place)),
    "ledgers:edit": both(on_rows("edit/", lambda code, place: at_most("read", code, place)), act("edit/", "enter check", act="save")),
    "ledgers:restore": act("restore/1/", "enter check"),
    "ledgers:step": both(on_rows("step/close/", lambda code, place: at_most("read", code, place)), act("step/close/", "enter check")),
    "ledgers:review": both(
        on_rows("review/void/", lambda code, place: at_most("read", code, place)), act("review/submit/", "enter"),
        act("review/approve/", "approve"), act("review/return/", "check"),
        act("review/void/", "enter manage"),
    ),
    "ledgers:public": in_ledgers("public.xlsx", "read", "?q={word}"),
    "ledgers:person_copy": person_copies,
    "residents:household": on_one("household", "/residents/households/{row}/", _reads),
    "residents:person": on_one("person", "/residents/persons/{row}/", _reads),
    "residents:doubles": once("/residents/doubles/", lambda actor: actor.may("approve", runtime.ledger("person"))),
    "residents:compare": comparisons,
    "residents:split": on_one("person", "/residents/persons/{row}/split/", _reads_at_most, "post", reason="试"),
    "residents:start": once("/residents/events/new/", lambda actor: actor.may("enter", runtime.ledger("household_event"))),
    "residents:enter": entries,
    "residents:event": on_one("household_event", f"{_EVENT}", _reads),
    "residents:relations": on_one("household_event", f"{_EVENT}relations/{{home}}/", _reads_at_most),
    "residents:effect": on_one("household_event", f"{_EVENT}effect/", _reads_at_most, "post"),
    "residents:undo_effect": on_one("household_event", f"{_EVENT}undo/", _reads_at_most, "post", reason="试"),
    "residents:todo": on_one("household_event", f"{_EVENT}todos/{{home}}/", _reads_at_most, "post", done="1"),
    "ledgers:reveal": reveals,
    "ledgers:file": on_rows("files/{digest}/", lambda code, place: at_most("read", code, place)),
    "ledgers:file_preview": on_rows("files/{digest}/preview/", lambda code, place: at_most("read", code, place)),
    "ledgers:file_picture": on_rows("files/{digest}/picture/", lambda code, place: at_most("read", code, place)),
    "ledgers:compare": both(
        on_rows("compare/", lambda code, place: at_most("read", code, place)),
        on_rows("compare/?old=1&new=1", lambda code, place: at_most("read", code, place)),
    ),
    "ledgers:all_changes": both(once("/ledgers/changes/", maybe), once(f"/ledgers/changes/?q={WORD}", maybe)),
    "ledgers:change": changes,
    "ledgers:undo": lambda world: [],  # with ledgers:change
}  # fmt: skip
for _name, _tail, _method in (
    ("import_preview", "", "get"), ("import_progress", "progress/", "get"), ("import_again", "again/", "post"),
    ("import_stop", "stop/", "post"), ("import_forget", "forget/", "post"), ("import_apply", "apply/", "post"),
    ("import_drop", "drop/", "post"), ("import_problems", "problems.xlsx", "get"),
):  # fmt: skip
    EXPECTED[f"ledgers:{_name}"] = imports(_tail, _method)


def asked_exports(tail: str, *acts: str) -> Callable[[World], Iterator[Ask]]:
    """A request of somebody else: those who approve in the ledger see it, nobody else; its file is its author's alone."""

    def asks(world: World) -> Iterator[Ask]:
        by = world.row("person", OWN).created_by
        one, _ = ExportRequest.objects.get_or_create(
            ledger="person", by=by, kind="csv", purpose="P2", basis="试", count=0, defaults={"at": timezone.now()}
        )
        yield Ask(f"/ledgers/exports/{one.pk}/{tail}", (lambda actor: False) if tail else may("approve", "person"))
        for act in acts:
            yield Ask(f"/ledgers/exports/{one.pk}/", at_most("approve", "person"), "post", {"act": act})
        yield Ask(f"/ledgers/exports/{NOWHERE}/{tail}", lambda actor: False)

    return asks


def api_exports(tail: str, method: str) -> Callable[[World], Iterator[Ask]]:
    """The same by programs: whoever does not approve in the ledger does not learn that there is a request."""

    def asks(world: World) -> Iterator[Ask]:
        (page, *_) = asked_exports("")(world)
        address = f"/api{page.path.removeprefix('/ledgers').rstrip('/')}{tail}"
        who = may("approve", "person") if not tail else at_most("approve", "person")
        said = {"agree": False, "note": "不同意"} if tail == "/decide" else {}
        yield Ask(address, (lambda actor: False) if tail == "/file" else who, method, said)
        yield Ask(f"/api/exports/{NOWHERE}{tail}", lambda actor: False, method, said)

    return asks


def export_asks(world: World) -> Iterator[Ask]:
    for code in LEDGERS:
        yield Ask(f"/ledgers/{code}/export/ask/?q={WORD}&kind=csv", at_most("read", code))
        yield Ask(f"/ledgers/{code}/export/ask/", at_most("read", code), "post", {"purpose": "P2"})


def manages(actor: Actor) -> bool:
    return any(actor.may("manage", ledger) for ledger in runtime.ledgers().values() if holds_personal(ledger))


def retention(tail: str, **data: Any) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        for code in LEDGERS:
            yield Ask(f"/ledgers/retention/{code}/{tail}?year=2020", may("manage", code))
            yield Ask(f"/ledgers/retention/{code}/{tail}", at_most("manage", code), "post", data)

    return asks


def erasures(tail: str, *acts: str) -> Callable[[World], Iterator[Ask]]:
    def asks(world: World) -> Iterator[Ask]:
        by = world.row("person", OWN).created_by
        order, _ = ErasureOrder.objects.get_or_create(
            no="XH-2020-001", defaults={"ledger": "person", "count": 0, "reason": "试", "proposed_by": by, "proposed_at": timezone.now()}
        )  # fmt: skip
        yield Ask(f"/ledgers/retention/orders/{order.pk}/{tail}", may("manage", "person"))
        for one in acts:
            said = {"act": one}  # without a word of reason nothing is refused or closed
            yield Ask(f"/ledgers/retention/orders/{order.pk}/{tail}", at_most("manage", "person"), "post", said)
        yield Ask(f"/ledgers/retention/orders/{NOWHERE}/{tail}", lambda actor: False)

    return asks


EXPECTED |= {
    "ledgers:exports": once("/ledgers/exports/", maybe),
    "ledgers:export_request": asked_exports("", "refuse", "withdraw", "destroyed"),
    "ledgers:export_file": asked_exports("file"),
    "ledgers:export_ask": export_asks,
    "ledgers:retention": once("/ledgers/retention/", manages),
    "ledgers:retention_propose": retention("propose/", year="2020"),
    "ledgers:retention_hold": retention("hold/"),
    "ledgers:retention_lift": once("/ledgers/retention/holds/987654/lift/", lambda actor: False, "post"),
    "ledgers:erasure": erasures("", "refuse", "backups", "withdraw"),
    "ledgers:erasure_register": erasures("register.xlsx"),
}
EXPECTED |= {
    "ledgers:imports": once("/ledgers/imports/", maybe),
    "ledgers:calendar": once("/ledgers/calendar/", maybe),
    "ledgers:calendar_notice": both(once("/ledgers/calendar/2020/notice/", maybe), once("/ledgers/calendar/2020/notice/", maybe, "post")),
    "ledgers:calendar_day": both(once("/ledgers/calendar/2020-06-01/", maybe), once("/ledgers/calendar/2020-06-01/", maybe, "post")),
    # own ledgers
    "ledgers:design_new": once("/ledgers/new/", maybe),
    "ledgers:designs": once("/ledgers/designs/", maybe),
    "ledgers:design_receive": once("/ledgers/designs/receive/", maybe, "post"),
    "ledgers:design_change": lambda world: [
        Ask(f"/ledgers/{code}/design/", maybe, "post") for code in LEDGERS
    ],
    "ledgers:pack_text": lambda world: [Ask(f"/ledgers/{code}/pack.toml", maybe) for code in LEDGERS],
    # figures, findings
    "indicators:index": once("/figures/", depends),
    "indicators:export": both(once("/figures/export.xlsx", depends), once("/figures/export.xlsx?all=1", depends)),
    "indicators:figure": figures(""),
    "indicators:statement": figures("statement/"),
    "indicators:trace_xlsx": figures("trace.xlsx"),
    "places:tree": both(once("/places/", works), once("/places/?q=村&on=2020-06-01", works)),
    "places:map": once("/places/map/", works),
    "places:events": once("/places/events/", works),
    "places:kinds": once("/places/events/new/", drafts_places),
    "places:new": get_and_post("/places/events/new/merge_new/", drafts_places, drafts_places),
    "places:event": both(once("/places/events/{event}/", works), once(f"/places/events/{NOWHERE}/", depends)),
    "places:papers": once("/places/events/{event}/papers/", plans_or_decides, "post"),
    "places:paper": once("/places/events/{event}/papers/" + "0" * 64 + "/", nobody),
    "places:paper_remove": once("/places/events/{event}/papers/" + "0" * 64 + "/remove/", nobody, "post"),
    "places:posts": get_and_post("/places/events/{event}/posts/", sees_posts, role(S)),
    "places:edit": get_and_post(f"/places/events/{NOWHERE}/edit/", depends, depends),
    "places:vote": once(f"/places/events/{NOWHERE}/vote/{NOWHERE}/", depends, "post"),
    "places:step": both(*(once(f"/places/events/{NOWHERE}/step/{act}/", depends, "post") for act in ("effect", "undo", "nothing"))),
    "places:place": of_places,
    "checks:index": both(once("/findings/", works), once(f"/findings/?q={WORD}", works), once("/findings/?ledger=dibao", works)),
    "fieldwork:index": once("/fieldwork/", works),
    "fieldwork:new": get_and_post("/fieldwork/new/", depends, depends),
    "fieldwork:plan": once(f"/fieldwork/{NOWHERE}/", lambda actor: False),
    "fieldwork:sheet": once(f"/fieldwork/{NOWHERE}/visits.xlsx", lambda actor: False),
    "fieldwork:visit": get_and_post(f"/fieldwork/visits/{NOWHERE}/", lambda actor: False, lambda actor: False),
    "fieldwork:correct": once(f"/fieldwork/visits/{NOWHERE}/correct/", lambda actor: False, "post"),
    "checks:rates": once("/findings/rates/", works),
    "checks:register": both(once("/findings/register.xlsx", works), once("/findings/register.docx", works)),
    "checks:run": get_and_post("/findings/run/", depends, depends),
    "checks:check": once("/findings/checks/dibao.DB1/", depends),
    "checks:coverages": once("/findings/coverage/", depends),
    "checks:coverage": once("/findings/coverage/nothing/", lambda actor: False),
    "checks:finding": findings(),
    "checks:act": both(*(findings(f"{code}/", "post") for code in ACTS), findings("explain/", loosely=True)),
    "checks:extension": findings("extension/1/", "post"),
    "checks:evidence": findings(f"files/{'0' * 64}/", loosely=True),
    "checks:bulk": bulk_findings,
    "checks:rules": once("/findings/rules/", works),
    "checks:rule": get_and_post("/findings/rules/dibao.DB1/", depends, depends),
    # plans, reports
    "plans:index": once("/plans/", works),
    "plans:upload": get_and_post("/plans/upload/", depends, depends),
    "plans:plan": once("/plans/{plan}/", works),
    "plans:print": once("/plans/{plan}/print/", works),
    "plans:task": once("/plans/{plan}/tasks/{task}/", works),
    "reports:index": once("/reports/", whole_town),
    "reports:new": get_and_post("/reports/new/", depends, depends),
    "reports:report": both(once("/reports/{report}/", whole_town), once("/reports/{none}/", lambda actor: False)),
    "reports:docx": once("/reports/{report}/docx/", whole_town),
    "reports:differences": once("/reports/{report}/differences/", whole_town),
    "reports:freeze": once("/reports/{report}/freeze/", depends, "post"),
}  # fmt: skip
for _tail in ("plan/", "send/", "apply/", "started/", "ready/", "import/", "drop/", "pack.toml", ""):
    _name = {"": "design", "pack.toml": "design_text"}.get(_tail, f"design_{_tail.removesuffix('/')}")
    EXPECTED[f"ledgers:{_name}"] = get_and_post(f"/ledgers/designs/{{none}}/{_tail}", lambda actor: False)
for _name in ("outline", "review", "publish", "withdraw", "delete", "add"):
    EXPECTED[f"plans:{_name}"] = get_and_post(f"/plans/{{plan}}/{_name}/", depends, depends)
for _name, _tail in (("state", "state"), ("edit", "edit"), ("split", "split"), ("remove", "delete")):
    EXPECTED[f"plans:{_name}"] = get_and_post(f"/plans/{{plan}}/tasks/{{task}}/{_tail}/", depends, depends)


def grids(world: World) -> Iterator[Ask]:
    for code in LEDGERS:
        yield Ask(f"/ledgers/{code}/grid/", any_of("enter check approve", code))
        yield Ask(f"/ledgers/{code}/grid/?q={WORD}", any_of("enter check approve", code))


def api(world: World) -> Iterator[Ask]:
    """The API's own paths are listed in API, with a token of each."""
    yield Ask("/api/nothing", lambda actor: None)


EXPECTED["api:operation"] = api
EXPECTED |= {
    "api:docs": once("/api/docs/", works),
    "api:docs_ledger": lambda world: (Ask(f"/api/docs/{code}/", may("read", code)) for code in LEDGERS),
    "api:openapi": once("/api/openapi.json", everyone),
    "api:tokens": once("/api/tokens/", maybe),
    "api:new_token": get_and_post("/api/tokens/new/", depends, depends),
    "api:end_token": once(f"/api/tokens/{NOWHERE}/end/", lambda actor: False, "post"),
    "api:notices": once("/api/notices/", maybe),
    "api:new_notice": get_and_post("/api/notices/new/", depends, depends),
    "api:notice": once(f"/api/notices/{NOWHERE}/", lambda actor: False),
    "api:switch_notice": once(f"/api/notices/{NOWHERE}/switch/", lambda actor: False, "post"),
    "api:resend": once(f"/api/notices/{NOWHERE}/{NOWHERE}/again/", lambda actor: False, "post"),
    "ledgers:points": lambda world: (Ask(f"/ledgers/{code}/points/spot/", at_most("read", code)) for code in LEDGERS),
    "ledgers:grid": grids,
    "ledgers:grid_save": lambda world: (
        Ask(f"/ledgers/{code}/grid/save/", at_most("read", code), "post") for code in LEDGERS
    ),
}


def _api_ledgers(tail: str) -> Callable[[World], Iterator[Ask]]:
    return lambda world: (Ask(f"/api/ledgers/{code}/{tail}", may("read", code)) for code in LEDGERS)


def _api_rows(tail: str) -> Callable[[World], Iterator[Ask]]:
    return lambda world: (
        Ask(f"/api/ledgers/{code}/rows/{world.row(code, place).pk}{tail}", may("read", code, place))
        for code in LEDGERS for place in PLACES
    )  # fmt: skip


def _api_acts(tail: str, verb: str) -> Callable[[World], Iterator[Ask]]:
    return lambda world: (
        Ask(f"/api/ledgers/{code}/rows/{world.row(code, place).pk}{tail}", at_most("read", code, place), "post",
            {"version": 1, "reason": "试"}, (code, place), any_of(verb, code, place))
        for code in LEDGERS for place in PLACES
    )  # fmt: skip


API: dict[str, Callable[[World], Iterable[Ask]]] = {
    "": lambda world: [],  # ninja's own root: no answer at all
    "me": once("/api/me", everyone),
    "ledgers": once("/api/ledgers", everyone),
    "ledgers/*/rows": both(_api_ledgers("rows"), _api_ledgers(f"rows?q={WORD}")),
    "ledgers/*/rows/*": _api_rows(""),
    "ledgers/*/rows/*/versions": _api_rows("/versions"),
    "ledgers/*/rows/*/versions/restore": _api_acts("/versions/restore", "enter check"),
    "ledgers/*/rows/*/reveal": _api_acts("/reveal", "read"),
    "ledgers/*/rows/*/files/*": lambda world: (
        Ask(f"/api/ledgers/{code}/rows/{world.row(code, place).pk}/files/{world.files[place]}", at_most("read", code, place))
        for code in LEDGERS for place in PLACES
    ),
    "ledgers/*/rows/*/*": both(_api_acts("/submit", "enter"), _api_acts("/approve", "approve"), _api_acts("/void", "enter manage")),
    "ledgers/*/rows/*/steps/*": _api_acts("/steps/close", "enter check"),
    "ledgers/*/batch": lambda world: (Ask(f"/api/ledgers/{code}/batch", at_most("read", code), "post", {}) for code in LEDGERS),
    "files": once("/api/files", maybe, "post"),
    "changes": once("/api/changes?since=0", maybe),
    "changes/*/undo": lambda world: (
        Ask(f"/api/changes/{world.row(code, place).change_id}/undo", at_most("read", code, place), "post", {"reason": "试"},
            (code, place), any_of("enter check", code, place))
        for code in LEDGERS for place in PLACES
    ),
    "indicators": once("/api/indicators", maybe),
    "indicators/*": once("/api/indicators/pop_n", maybe),
    "findings": once("/api/findings", maybe),
    "exports": both(once("/api/exports", everyone), once("/api/exports", maybe, "post")),
    "exports/*": api_exports("", "get"),
    "exports/*/file": api_exports("/file", "get"),
    "exports/*/decide": api_exports("/decide", "post"),
    "exports/*/withdraw": api_exports("/withdraw", "post"),
    "exports/*/destroyed": api_exports("/destroyed", "post"),
    "divisions": once("/api/divisions", everyone),
    "divisions/*": lambda world: (Ask(f"/api/divisions/{world.places[place].pk}", everyone) for place in PLACES),
    "division-events": once("/api/division-events", everyone),
    "division-events/*/posts": once("/api/division-events/{event}/posts", sees_posts),
}  # fmt: skip
__all__ = ["API", "EXPECTED", "OWN", "Ask"]
