"""What stands in addresses of ledgers. Importing this module makes the converters known."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class Code(StringConverter):
    regex = "[a-z][a-z0-9_]{0,40}"


class Digest(StringConverter):
    regex = "[0-9a-f]{64}"


register_converter(Code, "code")
register_converter(Digest, "digest")
