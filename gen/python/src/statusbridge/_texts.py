"""Texts in UTF-8."""

import re
from collections.abc import Iterable
from typing import Any

ELLIPSIS = "…"


def valid(text: Any) -> str:
    """Return a text without lone surrogates, which UTF-8 cannot encode. None is empty, and other objects are str()."""
    return re.sub("[\ud800-\udfff]", "\ufffd", "" if text is None else str(text))


def cut(text: str, limit: int) -> str:
    """Cut a text to at most limit bytes of UTF-8, the ellipsis included, between two characters."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    kept = limit - len(ELLIPSIS.encode())
    return encoded[:kept].decode(errors="ignore") + ELLIPSIS if kept >= 0 else ""


def pair(name: str, text: str) -> str:
    """Write `name: text`, or the one of them that is not empty."""
    return f"{name}: {text}" if name and text else name or text


def quoted(key: str) -> str:
    """Write a key of a map in quotes."""
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def join(texts: Iterable[str]) -> str:
    """Join the texts that are not empty."""
    return "; ".join(text for text in texts if text)
