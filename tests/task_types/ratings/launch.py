"""`zoo-dag` with ratings: what adding them to `zoo_dag.tables` and to the catalogue would do.

Both are changed before anything else of zoo_dag is imported, as an edit of the files would.
"""

from tests.task_types.ratings.tables import RATING_TABLES
from zoo_dag import tables


def main() -> None:
    """The command line."""
    tables.TABLES.update({table.name: table for table in RATING_TABLES})
    tables.FLATTENED = (*tables.FLATTENED, "rating_annotations")
    from tests.task_types.ratings import RATINGS
    from zoo_dag.task_types import catalogue

    catalogue.TASK_TYPES = (*catalogue.TASK_TYPES, RATINGS)
    from zoo_dag.cli.main import main

    main(prog_name="zoo-dag")


if __name__ == "__main__":
    main()
