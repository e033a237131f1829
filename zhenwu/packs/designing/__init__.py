"""A township's own ledgers: a sample table → a proposed pack → edited → planned → applied → a pack file to share.

Reading a sample (sample, personal, numbers, places, guessing, privacy, keys, propose) is pure: it asks the township's places
and registry only through `Known`. A design is what the proposal says and a person edits; it is written as TOML like the
shipped packs.
"""
