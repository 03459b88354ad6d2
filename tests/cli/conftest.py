"""What the tests of the command line share: the Panoptes server of the tests of fetching."""

from tests.fetching.conftest import server

__all__ = ["server"]
