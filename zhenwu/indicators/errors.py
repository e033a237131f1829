class UnknownIndicator(LookupError):
    """No applied pack declares this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"没有代码为“{code}”的指标。请核对代码，或先应用声明它的台账。")
        self.code = code
