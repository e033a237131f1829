"""Notices to other systems: queued with the change itself, sent in the background, signed, tried again, and never sent into
one's own network by mistake."""
