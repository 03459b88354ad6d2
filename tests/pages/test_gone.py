"""The data folder is deleted while its pages are open: they end, and say why."""

import shutil

from tests.pages.served import Pages


def test_the_pages_end_where_their_folder_is_gone(tmp_path):
    data = tmp_path / "data"
    with Pages(data) as pages:
        pages.wait_until_they_answer()
        # The pages go on writing while it is removed.
        while data.exists():
            shutil.rmtree(data, ignore_errors=True)
        pages.wait_until_they_end()
        assert pages.exit_code == 1
        assert pages.printed.splitlines()[-1] == (
            f"The pages ended: {data / 'dagster_home'} was deleted, or its disk is gone."
        )
        assert pages.processes() == []
