"""The bill of materials: CycloneDX 1.5 as JSON, the same bytes for the same contents.

Source: https://cyclonedx.org/docs/1.5/json/ - bomFormat, specVersion, serialNumber (urn:uuid), metadata.component,
components with purl, hashes and licenses.
"""

from __future__ import annotations

import datetime
import json
import uuid
from typing import Any, Dict, List, Mapping, Sequence

# Of this repository's own making; any fixed UUID would do.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "drboot/sbom")


def text(version: str, epoch: int, components: Sequence[Mapping[str, Any]], compilers: Sequence[str]) -> str:
    """The SBOM of this version of drboot.

    components  as stage.vendored writes them
    epoch       seconds since 1970 of the commit
    compilers   the versions of Python that made the byte code, without which the same bytes are not made again
    """
    stamp = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    listed = [_component(each) for each in components]
    identity = json.dumps([version, epoch, listed, list(compilers)], sort_keys=True)
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, identity)}",
        "version": 1,
        "metadata": {
            "timestamp": stamp,
            "properties": [{"name": "drboot:byte-code-by", "value": f"Python {each}"} for each in compilers],
            "component": {
                "type": "application",
                "bom-ref": f"drboot@{version}",
                "name": "drboot",
                "version": version,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
        },
        "components": listed,
        "dependencies": [
            {"ref": f"drboot@{version}", "dependsOn": [each["bom-ref"] for each in listed]},
            *({"ref": each["bom-ref"], "dependsOn": []} for each in listed),
        ],
    }
    return json.dumps(bom, indent=1) + "\n"


def _component(each: Mapping[str, Any]) -> Dict[str, Any]:
    purl = f"pkg:pypi/{str(each['name']).lower().replace('_', '-')}@{each['version']}"
    licence = str(each["licence"])
    # an expression names several licences; a single one has an id
    licences: List[Dict[str, Any]] = [{"expression": licence}] if " " in licence else [{"license": {"id": licence}}]
    return {
        "type": "library",
        "bom-ref": purl,
        "name": each["name"],
        "version": each["version"],
        "description": each["summary"],
        "hashes": [{"alg": "SHA-256", "content": each["sha256"]}],
        "licenses": licences,
        "purl": purl,
        "properties": [
            {"name": "drboot:taken-from", "value": each["wheel"]},
            {"name": "drboot:licence-texts", "value": " ".join(each["licence_files"])},
        ],
    }
