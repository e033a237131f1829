"""Pages of the ledgers. Each view fetches through `access`, calls, answers."""
