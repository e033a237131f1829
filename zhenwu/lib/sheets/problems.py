"""What stops a whole file or sheet from being read."""


class SheetError(Exception):
    """A file or sheet that cannot be read. `code` is stable; the message says what, where and what to do, in Chinese."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)
