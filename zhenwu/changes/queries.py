from zhenwu.changes.models import ChainHead


def ledger_seq(ledger: str) -> int:
    """How many row versions the ledger has seen; a copy made at this number is current until it grows."""
    return ChainHead.objects.filter(ledger=ledger).values_list("seq", flat=True).first() or 0


def ledger_seqs() -> dict[str, int]:
    return dict(ChainHead.objects.values_list("ledger", "seq"))
