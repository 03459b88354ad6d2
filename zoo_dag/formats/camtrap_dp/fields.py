"""The three tables of Camtrap DP 1.0.2 (tdwg/camtrap-dp): their fields, in order, with types and constraints."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Field:
    """A field: its name, its type in a table schema, and its constraints there, such as `required` and `enum`."""

    name: str
    type: str = "string"
    constraints: Mapping[str, Any] = field(default_factory=dict)


DATETIME = "%Y-%m-%dT%H:%M:%S%z"
_REQUIRED = {"required": True}
_KEY = {"required": True, "unique": True}
_POSITIVE = {"minimum": 0}

DEPLOYMENTS = (
    Field("deploymentID", constraints=_KEY),
    Field("locationID"),
    Field("locationName"),
    Field("latitude", "number", {"required": True, "minimum": -90, "maximum": 90}),
    Field("longitude", "number", {"required": True, "minimum": -180, "maximum": 180}),
    Field("coordinateUncertainty", "integer", {"minimum": 1}),
    Field("deploymentStart", "datetime", _REQUIRED),
    Field("deploymentEnd", "datetime", _REQUIRED),
    Field("setupBy"),
    Field("cameraID"),
    Field("cameraModel"),
    Field("cameraDelay", "integer", _POSITIVE),
    Field("cameraHeight", "number", _POSITIVE),
    Field("cameraDepth", "number", _POSITIVE),
    Field("cameraTilt", "integer", {"minimum": -90, "maximum": 90}),
    Field("cameraHeading", "integer", {"minimum": 0, "maximum": 360}),
    Field("detectionDistance", "number", _POSITIVE),
    Field("timestampIssues", "boolean"),
    Field("baitUse", "boolean"),
    Field(
        "featureType",
        constraints={
            "enum": [
                *("roadPaved", "roadDirt", "trailHiking", "trailGame", "roadUnderpass", "roadOverpass"),
                *("roadBridge", "culvert", "burrow", "nestSite", "carcass", "waterSource", "fruitingTree"),
            ]
        },
    ),
    Field("habitat"),
    Field("deploymentGroups"),
    Field("deploymentTags"),
    Field("deploymentComments"),
)
MEDIA = (
    Field("mediaID", constraints=_KEY),
    Field("deploymentID", constraints=_REQUIRED),
    Field("captureMethod", constraints={"enum": ["activityDetection", "timeLapse"]}),
    Field("timestamp", "datetime", _REQUIRED),
    Field("filePath", constraints={"required": True, "pattern": r"^(?=^[^./~])(^((?!\.{2}).)*$).*$"}),
    Field("filePublic", "boolean", _REQUIRED),
    Field("fileName"),
    Field("fileMediatype", constraints={"required": True, "pattern": "^(image|video|audio)/.*$"}),
    Field("exifData", "object"),
    Field("favorite", "boolean"),
    Field("mediaComments"),
)
OBSERVATIONS = (
    Field("observationID", constraints=_KEY),
    Field("deploymentID", constraints=_REQUIRED),
    Field("mediaID"),
    Field("eventID"),
    Field("eventStart", "datetime", _REQUIRED),
    Field("eventEnd", "datetime", _REQUIRED),
    Field("observationLevel", constraints={"required": True, "enum": ["media", "event"]}),
    Field(
        "observationType",
        constraints={
            "required": True,
            "enum": ["animal", "human", "vehicle", "blank", "unknown", "unclassified"],
        },
    ),
    Field("cameraSetupType", constraints={"enum": ["setup", "calibration"]}),
    Field("scientificName"),
    Field("count", "integer", {"minimum": 1}),
    Field("lifeStage", constraints={"enum": ["adult", "subadult", "juvenile"]}),
    Field("sex", constraints={"enum": ["female", "male"]}),
    Field("behavior"),
    Field("individualID"),
    Field("individualPositionRadius", "number", _POSITIVE),
    Field("individualPositionAngle", "number", {"minimum": -90, "maximum": 90}),
    Field("individualSpeed", "number", _POSITIVE),
    Field("bboxX", "number", {"minimum": 0, "maximum": 1}),
    Field("bboxY", "number", {"minimum": 0, "maximum": 1}),
    Field("bboxWidth", "number", {"minimum": 1e-15, "maximum": 1}),
    Field("bboxHeight", "number", {"minimum": 1e-15, "maximum": 1}),
    Field("classificationMethod", constraints={"enum": ["human", "machine"]}),
    Field("classifiedBy"),
    Field("classificationTimestamp", "datetime"),
    Field("classificationProbability", "number", {"minimum": 0, "maximum": 1}),
    Field("observationTags"),
    Field("observationComments"),
)
TABLES = {"deployments": DEPLOYMENTS, "media": MEDIA, "observations": OBSERVATIONS}


def problem(text: str | None, of: Field) -> str | None:
    """What is wrong with a text as a value of a field, as a part of a sentence; None where nothing is."""
    rules = of.constraints
    if text is None:
        return "is empty" if rules.get("required") else None
    if "enum" in rules and text not in rules["enum"]:
        return f"is none of {', '.join(rules['enum'])}"
    if of.type == "boolean" and text not in ("true", "false"):
        return "is neither true nor false"
    if of.type in ("integer", "number"):
        low, high = rules.get("minimum", "no limit"), rules.get("maximum", "no limit")
        try:
            number = float(int(text) if of.type == "integer" else float(text))
            # What is no number is in no range.
            fits = rules.get("minimum", number) <= number <= rules.get("maximum", number)
        except ValueError:
            fits = False
        return None if fits else f"is no {of.type} from {low} to {high}"
    return None
