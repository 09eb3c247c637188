"""Texts in UTF-8."""

import re
from collections.abc import Iterable

ELLIPSIS = "…"


def valid(text: str | None) -> str:
    """Return the text with lone surrogates replaced, which UTF-8 cannot encode. None is the empty text."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text or "")


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


def join(texts: Iterable[str]) -> str:
    """Join the texts that are not empty."""
    return "; ".join(text for text in texts if text)
