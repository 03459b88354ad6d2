"""Rules in the settings."""

from pathlib import Path

import pytest

from zoo_dag.errors import SettingsError
from zoo_dag.settings.loading import Settings, load_settings


def loaded(folder: Path, rule: str) -> Settings:
    (folder / "zoo_dag.toml").write_text(f"[[retirement.rules]]\n{rule}\n", encoding="utf-8")
    return load_settings(folder)


def test_a_rule_changes_only_the_table_of_its_replay(tmp_path: Path) -> None:
    settings = loaded(tmp_path, 'kind = "count"\nvotes = 5\ntask = "T0"')
    (rule,) = settings.retirement.rules
    assert (rule.is_of(1, "T0"), rule.is_of(1, "T1")) == (True, False)
    for of_posteriors in (False, True):
        assert settings.fingerprint(of_posteriors=of_posteriors) == Settings().fingerprint(
            of_posteriors=of_posteriors
        )
    assert settings.fingerprint(of_retirement=True) != Settings().fingerprint(of_retirement=True)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ('kind = "blank"\nvotes = 3', "retirement.rules.0: a rule of the kind blank needs `answer`."),
        ('kind = "consensus"', "retirement.rules.0: a rule of the kind consensus needs `share` and `votes`."),
        ('kind = "count"\nvotes = 3\nshare = 0.5', "retirement.rules.0: a rule of the kind count has no `share`."),
        (
            'kind = "swap"\nanswer = "Lens"',
            "retirement.rules.0: a rule of the kind swap needs `accept` or `reject`.",
        ),
        ("votes = 3", "retirement.rules.0.kind: Field required."),
        (
            'kind = "count"\nvote = 3',
            "unknown setting retirement.rules.0.vote; did you mean retirement.rules.0.votes?",
        ),
        (
            'kind = "count"\nvotes = 0',
            "retirement.rules.0.votes: Input should be greater than or equal to 1, found 0.",
        ),
    ],
)
def test_a_wrong_rule_is_one_sentence(tmp_path: Path, rule: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, rule)
    assert str(refused.value) == f"{tmp_path / 'zoo_dag.toml'}: {sentence}"
