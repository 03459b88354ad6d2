"""Assets from the declaration of tables: the steps that make them, and specs with all that the pages show.

A step is declared once, without a project. For each project Dagster gets it under the names of that project.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import dagster as dg

from zoo_dag.dagster.assets import checks
from zoo_dag.dagster.metadata import definition_metadata, description, kinds, tags
from zoo_dag.dagster.names import Names
from zoo_dag.dagster.partitions import definition
from zoo_dag.dagster.project import Project
from zoo_dag.dagster.recipes import INPUTS, recipe
from zoo_dag.dagster.resources import resource_key, saved
from zoo_dag.settings.loading import Settings
from zoo_dag.tables import TABLES, Partition

OWNERS = ["team:zoo_dag"]


class StepCheck(NamedTuple):
    """A check that a step makes besides those of its tables."""

    name: str
    table: str
    description: str
    is_blocking: bool = False

    def spec(self, names: Names) -> dg.AssetCheckSpec:
        """The check for Dagster."""
        return dg.AssetCheckSpec(
            self.name, asset=names.asset(self.table), blocking=self.is_blocking, description=self.description
        )


class Step(NamedTuple):
    """A step that makes tables: its function gets the context, the project, and perhaps a config."""

    compute: Callable[..., Any]
    tables: tuple[str, ...]
    partition: Partition | None
    is_skippable: bool
    can_subset: bool
    checks: Sequence[StepCheck]

    def of(self, project: Project) -> dg.AssetsDefinition:
        """The assets of a project."""
        names = project.names
        decorate = dg.multi_asset(
            name=names.of(self.compute.__name__),
            specs=[spec(names, name, skippable=self.is_skippable) for name in self.tables],
            partitions_def=definition(names, self.partition),
            check_specs=[*checks.specs(names, *self.tables), *(each.spec(names) for each in self.checks)],
            can_subset=self.can_subset,
            required_resource_keys={resource_key(names)},
        )
        return decorate(project.given_to(saved(self.compute)))


def step(
    *tables: str,
    partition: Partition | None = None,
    is_skippable: bool = False,
    can_subset: bool = False,
    more_checks: Sequence[StepCheck] = (),
) -> Callable[[Callable[..., Any]], Step]:
    """Declare a function as the step that makes these tables; `is_skippable` where it may leave some alone."""

    def declare(compute: Callable[..., Any]) -> Step:
        return Step(compute, tables, partition, is_skippable, can_subset, more_checks)

    return declare


def spec(names: Names, name: str, inputs: Iterable[str] | None = None, **attributes: Any) -> dg.AssetSpec:
    """The asset of a table, built from `inputs` or as declared; `attributes` are further ones of the spec."""
    return dg.AssetSpec(
        names.asset(name),
        deps=[_dep(names, name, of) for of in (INPUTS.get(name, ()) if inputs is None else inputs)],
        description=description(name, names),
        group_name=names.of(TABLES[name].stage),
        kinds=kinds(name),
        owners=OWNERS,
        tags=tags(name) | names.tags,
        metadata=definition_metadata(name, names),
        **attributes,
    )


def with_code_version(asset: dg.AssetSpec, settings: Settings) -> dg.AssetSpec:
    """The asset with the code version of its table."""
    return asset.replace_attributes(code_version=recipe(name_of(asset), settings).code_version)


def name_of(asset: dg.AssetSpec) -> str:
    """The table of an asset."""
    return asset.key.path[-1]


def _dep(names: Names, name: str, of: str) -> dg.AssetDep:
    """Dagster has no mapping from versions to their workflow: a workflow depends on all existing versions."""
    pools = TABLES[name].partition == "workflow" and TABLES[of].partition == "workflow_version"
    return dg.AssetDep(names.asset(of), partition_mapping=dg.AllPartitionMapping() if pools else None)
