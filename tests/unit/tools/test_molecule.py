"""What the scenarios in containers stand on: packages by profile, a daemon or a reason, the same archive each time."""

from __future__ import annotations

import io
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

import pytest

from tools import bundle, debian, debian_image, docker_daemon, molecule
from tools.artefact import archive, write_artefacts
from tools.outcome import NotRun

BINDEP = """\
# a comment
git [platform:dpkg]
postgresql [platform:dpkg lab]
docker.io [platform:dpkg docker]
runc [platform:dpkg docker]
podman [platform:rpm docker]
"""


def test_packages_come_by_profile(tmp_path: Path) -> None:
    page = tmp_path / "bindep.txt"
    page.write_text(BINDEP)
    assert debian.packages_for("docker", page) == ["docker.io", "runc"]
    assert debian.packages_for("lab", page) == ["postgresql"]


def test_without_rights_packages_are_named_and_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian.shutil, "which", lambda _name: "/usr/bin/apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(debian, "succeeds", lambda _command: pytest.fail("apt-get was started"))
    with pytest.raises(
        NotRun, match=r"^only root may install packages: install containerd, docker\.io, .* and repeat$"
    ):
        debian.install("docker")


@pytest.mark.parametrize(
    ("host", "user", "reason"),
    [
        ("unix:///nowhere", 0, "no Docker daemon answers at DOCKER_HOST: start it, or unset DOCKER_HOST"),
        ("", 1000, "no Docker daemon answers, and only root may start one: start it, or run this as root"),
    ],
)
def test_without_a_daemon_the_reason_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, user: int, reason: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", host)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    monkeypatch.setattr(docker_daemon, "answers", lambda _host: False)
    with pytest.raises(NotRun) as caught, docker_daemon.daemon(tmp_path):
        pytest.fail("there is none")
    assert str(caught.value) == reason


def test_a_daemon_that_answers_is_used_and_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///theirs")
    monkeypatch.setattr(docker_daemon, "answers", lambda host: host == "unix:///theirs")
    monkeypatch.setattr(docker_daemon, "remove", lambda _directory: pytest.fail("theirs was removed"))
    with docker_daemon.daemon(tmp_path) as host:
        assert host == "unix:///theirs"


def test_a_daemon_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refusing = tmp_path / "dockerd"
    refusing.write_text("#!/bin/sh\necho 'loading plugins' >&2\necho 'iptables: Permission denied' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(docker_daemon, "answers", lambda _host: False)
    monkeypatch.setattr(docker_daemon, "missing_programs", list)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    reason = r"^dockerd does not start here: iptables: Permission denied$"
    with pytest.raises(NotRun, match=reason), docker_daemon.daemon(tmp_path):
        pytest.fail("it did not start")
    assert not docker_daemon.home_of(tmp_path).exists()


def test_an_image_is_named_by_what_is_in_it() -> None:
    one, other = (debian_image.name_of("bookworm", packages) for packages in (("sudo",), ("sudo", "dbus")))
    assert one != other
    assert one.startswith("steady-debian:bookworm-")


def test_an_archive_has_the_same_bytes_each_time(tmp_path: Path) -> None:
    first, second = ({path.name: path.read_bytes() for path in write_artefacts(tmp_path / n).iterdir()} for n in "ab")
    assert first == second
    assert first["app-1.0.0.tar.gz"] != first["app-2.0.0.tar.gz"]
    with tarfile.open(fileobj=io.BytesIO(archive({"version": "4.5.6"}))) as archived:
        names = archived.getnames()
        settings = archived.extractfile("settings.json")
        assert settings is not None
        assert b'"version": "4.5.6"' in settings.read()
    assert {"lab/__init__.py", "lab/app/__main__.py", "settings.json"} <= set(names)
    assert not [name for name in names if "__pycache__" in name]


def test_a_collection_is_unpacked_with_its_manifest_last(tmp_path: Path) -> None:
    place = "ansible_collections/community/docker/"
    with zipfile.ZipFile(tmp_path / "wheel", "w") as wheel:
        for name in ("MANIFEST.json", "plugins/connection/docker.py"):
            wheel.writestr(place + name, name)
        wheel.writestr("ansible_collections/community/other/MANIFEST.json", "")
    with zipfile.ZipFile(tmp_path / "wheel") as wheel:
        bundle.unpack(wheel, place, tmp_path / "home")
        with pytest.raises(ValueError, match="has nothing in ansible_collections/community/absent/"):
            bundle.unpack(wheel, "ansible_collections/community/absent/", tmp_path / "home")
    found = sorted(path.name for path in (tmp_path / "home").rglob("*") if path.is_file())
    assert found == ["MANIFEST.json", "docker.py"]


def test_scenarios_in_containers_are_all_but_the_one_of_make_test() -> None:
    assert "docker" in molecule.scenarios()
    assert "default" not in molecule.scenarios()
    with pytest.raises(SystemExit, match="no scenario dokcer: name one of docker"):
        molecule.main(["dokcer"])
