"""Make the client that openapi-python-client generates raise the errors of package statusbridge."""

import httpx
import statusbridge
from controlplane import AuthenticatedClient


# docs: client
def raise_error(response: httpx.Response) -> None:
    """Raise StatusError for a response that is not a 2xx."""
    if error := statusbridge.from_response(response.status_code, response.headers, response.read()):
        raise error


def new_client(url: str, token: str) -> AuthenticatedClient:
    """Make a client whose operations raise StatusError."""
    return AuthenticatedClient(url, token, httpx_args={"event_hooks": {"response": [raise_error]}})


# docs: end
