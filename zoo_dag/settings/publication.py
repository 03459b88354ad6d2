"""The section [publication]: who made the data, under which licence, and how to cite them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from zoo_dag.settings.section import Section


def _checked_address(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/]\S*", text):
        raise ValueError('expected an address, such as "https://example.org/survey"')
    return text


Address = Annotated[str, AfterValidator(_checked_address)]


class Contributor(Section):
    """A person or an organisation."""

    title: str = Field(min_length=1, description="Name of the person or organisation.")
    role: str | None = Field(
        default=None,
        description="In Camtrap DP contact, principalInvestigator, rightsHolder, publisher or contributor; in a "
        "data package author, publisher, maintainer, wrangler or contributor.",
    )
    email: str | None = Field(default=None, description="Address for mail.")
    path: Address | None = Field(default=None, description="Web page, such as that of an ORCID.")
    organization: str | None = Field(default=None, description="Organisation of a person.")


class License(Section):
    """A licence."""

    name: str = Field(min_length=1, description="Name by opendefinition.org, such as `CC-BY-4.0`.")
    title: str | None = Field(default=None, description="Title for people.")
    path: Address | None = Field(default=None, description="Address of its text.")


class Publication(Section):
    """What a package for a repository says of the data, in `zoo-dag export --format data-package` and others."""

    name: str = Field(
        default="zooniverse-tables",
        pattern=r"^[a-z0-9._-]+$",
        description="Short name of the package: a to z, digits, `.`, `_` and `-`.",
    )
    title: str | None = Field(default=None, description="Title of the data.")
    description: str | None = Field(default=None, description="What the data are, as Markdown.")
    version: str | None = Field(default=None, description="Version of the data, such as `1.0`.")
    id: str | None = Field(default=None, description="Identifier of the data, such as a DOI.")
    homepage: Address | None = Field(default=None, description="Web page of the project.")
    keywords: tuple[str, ...] = Field(default=(), description="Keywords.")
    citation: str | None = Field(default=None, description="How the data are to be cited.")
    licenses: tuple[License, ...] = Field(default=(), description="Licences of the data.")
    contributors: tuple[Contributor, ...] = Field(default=(), description="Who made the data.")
