"""Exports on the desk: those that wait for my decision, and what became of mine."""

from datetime import date

from django.urls import reverse

from zhenwu.accounts.models import User
from zhenwu.desk.work import TOP, Block, Item
from zhenwu.ledgers.models import ExportRequest
from zhenwu.ledgers.releases import Known, news_for, waiting_for
from zhenwu.packs.runtime import Ledger


def to_decide(user: User, known: Known) -> Block:
    found = waiting_for(user, known)
    return _block([_item(one, ledger, str(one.by), "待审批", "warn") for one, ledger in found])


def decided(user: User, known: Known, on: date) -> Block:
    return _block(
        [
            _item(news.one, news.ledger, "", news.text, news.tone, news.one.decision)
            for news in news_for(user, known, on)
        ]
    )


def _item(one: ExportRequest, ledger: Ledger, who: str, note: str, tone: str, decision: str = "") -> Item:
    url = reverse("ledgers:export_request", args=[one.pk])
    why = f"{one.get_purpose_display()}：{one.basis}" + (f"　审批意见：{decision}" if decision else "")
    return Item(who, f"{ledger.label}　{one.count}行", url, why, note, tone)


def _block(items: list[Item]) -> Block:
    return Block(len(items), items[:TOP], [("导出申请", len(items), reverse("ledgers:exports"))])
