"""Pages on which a township makes its own ledgers: a sample table, a proposal, edits, plan, apply, import of the rows."""
