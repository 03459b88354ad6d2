"""An inbox in a store whose package is not installed: what to install is said."""

from importlib.util import find_spec

import pytest

from zoo_dag.inbox.local import InboxError
from zoo_dag.inbox.remote import list_objects


@pytest.mark.skipif(find_spec("s3fs") is not None, reason="the extra s3 is installed")
def test_a_store_without_its_package_names_the_extra() -> None:
    with pytest.raises(InboxError, match=r'^s3://bucket/exports: .*s3fs.*pip install "zoo_dag\[s3\]"$'):
        list_objects("s3://bucket/exports")
