import pytest

from tests.plugin.helpers import IMPORTS


@pytest.fixture(autouse=True)
def imports_survive():
    """Set up before ``pytester`` and hence torn down after it."""
    yield
    IMPORTS.put_back()
