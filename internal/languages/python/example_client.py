"""The client of the README and of docs/other-languages.md."""

# docs: program
import urllib.error
import urllib.request

import statusbridge


# docs: client
def get(url: str) -> bytes:
    """Return the body of a success. Raise StatusError for any other response."""
    try:
        with urllib.request.urlopen(url) as response:  # noqa: S310
            body: bytes = response.read()
            return body
    except urllib.error.HTTPError as failed:
        raise statusbridge.from_response(failed.code, failed.headers, failed.read()) or failed from None


# docs: end client
# docs: end program
