"""What an installation of the collection holds, as CycloneDX: the tarball and the Python packages it needs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def sbom(tarball: Path, version: str, requirements: Iterable[str]) -> str:
    """Return the document as JSON.

    :param version: the collection's version.
    :param requirements: lines of requirements.txt; the versions are those of the environment that runs this, which is
        the lock's.
    """
    collection = Component(
        name="steady.ops",
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref="steady.ops",
        licenses=[LicenseFactory().make_with_expression("GPL-3.0-or-later")],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hashlib.sha256(tarball.read_bytes()).hexdigest())],
    )
    bom = Bom()
    bom.metadata.component = collection
    wanted = [Requirement(line) for line in requirements]
    needs = closure(wanted)
    components = {name: component(found) for name, (found, _names) in needs.items()}
    bom.components.update(components.values())
    bom.register_dependency(collection, [components[canonicalize_name(one.name)] for one in wanted])
    for name, (_found, names) in needs.items():
        bom.register_dependency(components[name], [components[other] for other in names])
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"


def component(found: Distribution) -> Component:
    """Return the entry of one Python package."""
    name = canonicalize_name(found.name)
    purl = PackageURL("pypi", None, name, found.version)
    return Component(name=name, version=found.version, type=ComponentType.LIBRARY, purl=purl, bom_ref=str(purl))


def closure(wanted: Iterable[Requirement]) -> dict[str, tuple[Distribution, list[str]]]:
    """Return every package that these need, with the names of those it needs itself."""
    found: dict[str, tuple[Distribution, list[str]]] = {}
    extras: dict[str, set[str]] = {}
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        known = extras.setdefault(name, set())
        if name in found and requirement.extras <= known:
            continue
        known |= requirement.extras
        package = distribution(name)
        needs = list(needed_by(package, known))
        found[name] = (package, sorted({canonicalize_name(need.name) for need in needs}))
        waiting += needs
    return found


def needed_by(package: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    """Yield what a package needs here, with the extras that were asked for."""
    for line in package.requires or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement
