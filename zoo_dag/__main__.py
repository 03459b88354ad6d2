"""`python -m zoo_dag` is `zoo-dag`."""

from zoo_dag.cli.main import main

main(prog_name="zoo-dag")
