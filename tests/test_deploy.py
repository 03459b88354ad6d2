"""The files in `deploy`: what they name is there, in the versions that are tested.

`tests/dagster/runs/test_workers.py` runs workers with `deploy/celery`, and `tests/pages` the pages behind nginx.
docs/workers.md says what was not run.
"""

import subprocess
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import yaml
from dagster._config import validate_config
from dagster._core.instance.config import dagster_instance_config_schema

from tests.test_dependencies import pinned
from zoo_dag import __version__

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
PAGE = (ROOT / "docs" / "workers.md").read_text(encoding="utf-8")


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def test_dagster_takes_its_configuration() -> None:
    (configuration,) = documents("celery/dagster.yaml")
    result = validate_config(dagster_instance_config_schema(), configuration)
    assert result.success, result.errors
    # A run that waits for a worker counts as starting, also while the one of a lost worker is offered again.
    assert configuration["run_monitoring"]["start_timeout_seconds"] > 600
    assert configuration["run_retries"]["retry_on_asset_or_op_failure"] is False


def test_the_containers_have_files_services_and_an_image_that_are_there() -> None:
    (compose,) = documents("celery/compose.yaml")
    services, volumes = compose["services"], compose["volumes"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= services.keys()
        for mount in service.get("volumes", ()):
            source = mount.partition(":")[0]
            assert source in volumes or (DEPLOY / "celery" / source).is_file(), source
    assert services["pages"]["image"] == services["worker"]["image"] == f"zoo_dag:{__version__}"
    # Without a login only this machine reaches the pages.
    assert services["pages"]["ports"] == ["127.0.0.1:3000:3000"]


def test_all_name_the_versions_that_are_tested() -> None:
    pins, (values,) = pinned(), documents("kubernetes/values.yaml")
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert f"dagster-k8s=={pins['dagster-postgres']}" in dockerfile
    chart = f"--version {pins['dagster']} "
    assert chart in (DEPLOY / "kubernetes" / "values.yaml").read_text(encoding="utf-8")
    assert chart in PAGE
    assert values["dagsterWebserver"]["image"]["tag"] == __version__


def test_what_the_image_copies_is_what_builds_the_package() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = [line.removeprefix("!") for line in lines if line.startswith("!")]
    assert [name for name in kept if not (ROOT / name).exists()] == []
    assert {"zoo_dag", "pyproject.toml", "README.md", "LICENSE", "constraints.txt", "workspace.yaml"} <= set(kept)


def test_what_the_pods_need_is_made_by_a_file_or_by_a_command_of_the_page() -> None:
    (values,) = documents("kubernetes/values.yaml")
    made = {(each["kind"], each["metadata"]["name"]) for each in documents("kubernetes/inbox.yaml")}
    (deployment,) = values["dagster-user-deployments"]["deployments"]
    volumes = {each["name"]: each for each in deployment["volumes"]}
    assert {each["name"] for each in deployment["volumeMounts"]} == volumes.keys()
    claim = volumes["inbox"]["persistentVolumeClaim"]["claimName"]
    assert ("PersistentVolumeClaim", claim) in made
    secrets = [values["global"]["postgresqlSecretName"], *(each["name"] for each in deployment["envSecrets"])]
    assert [name for name in secrets if f"kubectl create secret generic {name}" not in PAGE] == []


def test_people_reach_the_pages_through_the_login_alone() -> None:
    (values,) = documents("kubernetes/values.yaml")
    manifests = {each["kind"]: each for each in documents("kubernetes/login.yaml")}
    assert values["ingress"] == {"enabled": False}
    assert values["dagsterWebserver"]["service"]["type"] == "ClusterIP"
    pages, pod = values["dagsterWebserver"], manifests["Deployment"]["spec"]["template"]
    (proxy,) = pod["spec"]["containers"]
    port = pages["service"]["port"]
    # The chart calls the service after the release, which the page calls zoo-dag.
    assert f"--upstream=http://zoo-dag-{pages['nameOverride']}:{port}" in proxy["args"]
    assert pages["readinessProbe"]["httpGet"]["port"] == port
    labels = pod["metadata"]["labels"]
    assert manifests["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert manifests["Service"]["spec"]["selector"] == labels
    (rule,) = manifests["Ingress"]["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert path["backend"]["service"]["name"] == manifests["Service"]["metadata"]["name"]
    (allowed,) = manifests["NetworkPolicy"]["spec"]["ingress"]
    assert allowed["from"] == [{"podSelector": {"matchLabels": labels}}]


def test_the_unit_and_the_job_of_workers_start_the_same_worker() -> None:
    unit = RawConfigParser(strict=False)
    unit.read(DEPLOY / "celery" / "zoo-dag-worker@.service", encoding="utf-8")
    job = DEPLOY / "celery" / "workers.slurm"
    subprocess.run(["bash", "-n", job], check=True)  # noqa: S603, S607
    started = " ".join(job.read_text(encoding="utf-8").replace('"', "").replace("\\\n", "").split())
    worker = "/bin/celery --app dagster_celery.app worker --loglevel WARNING --hostname "
    assert worker in unit["Service"]["ExecStart"]
    assert worker in started
    assert "%%h" in unit["Service"]["ExecStart"]
