"""What can go wrong before a document becomes a tree."""


class OutlineError(ValueError):
    """The file can't be read. The message (Chinese) says which file, what is wrong and what to do."""
