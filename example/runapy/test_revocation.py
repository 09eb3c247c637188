"""This test deletes the access key of the viewer, so its file is the last in the alphabet."""

import pytest
from conftest import VIEWER, VIEWER_ACCESS_KEY_ID, connect_without_retries

from runai.exceptions import UnauthorizedException
from runai.models.error import Error


def test_access_key_is_deleted(administrator):
    viewer = connect_without_retries(VIEWER)
    assert viewer.organizations.projects.get_projects().status_code == 200

    keys = administrator.authentication_and_authorization.access_keys
    response = keys.delete_access_key_by_id(VIEWER_ACCESS_KEY_ID)
    assert (response.status_code, response.data) == (204, None)

    with pytest.raises(UnauthorizedException) as raised:
        viewer.organizations.projects.get_projects()
    assert Error.from_json(raised.value.body).code == 401
