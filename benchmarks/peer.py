"""The steps of panoptes_aggregation on a generated export, as its documentation shows them."""

from pathlib import Path

from kinds import VERSIONS
from measure import Cost, measure
from people import WORKFLOW_ID


class Peer:
    """An installed panoptes_aggregation, and the folder for what it writes."""

    def __init__(self, python: Path, folder: Path) -> None:
        """`python` is that of the environment that has it."""
        self._command = str(python.with_name("panoptes_aggregation"))
        self._folder = folder
        folder.mkdir(exist_ok=True)

    def config(self, workflows: Path) -> Cost:
        """One configuration for all versions."""
        first, last = (f"{major}.{minor}" for major, minor in (VERSIONS[0], VERSIONS[-1]))
        versions = ["--min_version", first, "--max_version", last]
        return self._run("config", workflows, str(WORKFLOW_ID), *versions, "-d", str(self._folder))

    def extract(self, export: Path) -> Cost:
        """Needs the configuration."""
        extractor = next(self._folder.glob("Extractor_config_*.yaml"))
        return self._run("extract", export, str(extractor), *self._output())

    def reduce(self) -> dict[str, Cost]:
        """All reducers that the configuration names, with its defaults; needs the extracts."""
        costs = {}
        for reducer in sorted(self._folder.glob("Reducer_config_*.yaml")):
            extractor = reducer.stem.partition("_V")[2].partition("_")[2]
            extracts = self._folder / f"{extractor}_peer.csv"
            costs[f"reduce {extractor}"] = self._run("reduce", extracts, str(reducer), *self._output())
        return costs

    def _output(self) -> list[str]:
        return ["-d", str(self._folder), "-o", "peer", "-hb"]

    def _run(self, step: str, file: Path, *arguments: str) -> Cost:
        return measure([self._command, step, str(file), *arguments])

    def cost(self, export: Path, workflows: Path) -> dict[str, Cost]:
        """All steps one after the other."""
        return {"config": self.config(workflows), "extract": self.extract(export)} | self.reduce()
