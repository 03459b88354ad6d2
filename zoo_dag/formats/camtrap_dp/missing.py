"""What a Camtrap Data Package needs and the settings lack, all at once, with lines to paste."""

from collections.abc import Iterator

from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import SETTINGS_FILE, Settings
from zoo_dag.store.data_folder import DataFolder

_DEPLOYMENTS = "# columns: deployment, start, end, latitude, longitude"
_CHOICES = "# columns: choice_id, observation_type, scientific_name"


def require_settings(folder: DataFolder) -> None:
    """Raises SettingsError that names every setting that is missing."""
    lines = [*_events(folder.settings), *_camtrap_dp(folder.settings)]
    if lines:
        file = folder.root / SETTINGS_FILE
        raise SettingsError(
            f"Camtrap DP asks for what no export of Zooniverse has. Write into {file}, with your values; "
            "docs/formats.md explains them, and tables are relative to the data folder:",
            tuple(lines),
        )


def _events(settings: Settings) -> Iterator[str]:
    events = settings.events
    if not events.are_wanted:
        yield from ("", "# which fields of yours they are, `zoo-dag check` of the exports says", "[events]")
        yield from ('deployment = ["site", "camera"]', 'time = "date_time"')
        yield f'deployments = "deployments.csv"   {_DEPLOYMENTS}'
        yield from ("# then `zoo-dag run`", "")
    elif events.deployments is None:
        yield from (
            "",
            "[events]",
            f'deployments = "deployments.csv"   {_DEPLOYMENTS}',
            "# then `zoo-dag run`",
            "",
        )


def _camtrap_dp(settings: Settings) -> Iterator[str]:
    said = settings.camtrap_dp
    examples = {
        'time_zone = "America/Chicago"': said.time_zone,
        f'choices = "choices.csv"   {_CHOICES}': said.choices,
        'sampling_design = "opportunistic"': said.sampling_design,
        'capture_method = ["activityDetection"]': said.capture_method,
        "individual_animals = false": "said" if said.individual_animals is not None else None,
        'contributors = [{ title = "Ada Lovelace", role = "contact" }]': (
            said.contributors or settings.publication.contributors
        ),
    }
    missing = [line for line, value in examples.items() if not value]
    if missing:
        yield from ("[camtrap_dp]", *missing)
