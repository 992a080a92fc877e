"""The machine from outside: asked by commands in the container, without Ansible and without the collection."""

from __future__ import annotations

import json

from testinfra.host import Host

testinfra_hosts = ["docker://steady-molecule-machine1"]


def answer(host: Host, path: str) -> dict[str, object]:
    """Ask the application as a program on its machine would."""
    program = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:3000{path}', timeout=5).read().decode())"
    return dict(json.loads(host.check_output("python3 -c %s", program)))


def test_systemd_runs_the_application_as_its_own_account(host: Host) -> None:
    unit = host.service("app")
    assert unit.is_running
    assert unit.is_enabled
    assert host.check_output("systemctl is-system-running") == "running"
    pid = host.check_output("systemctl show --property MainPID --value app")
    assert host.process.get(pid=int(pid)).user == "app"


def test_the_release_that_current_leads_to_answers(host: Host) -> None:
    assert host.file("/srv/app/current").linked_to == "/srv/app/releases/1.0.0"
    assert answer(host, "/health") == {"status": "ok", "version": "1.0.0"}


def test_the_person_who_deploys_has_no_rights_without_become(host: Host) -> None:
    assert host.user("deploy").uid != 0
    assert host.run("su deploy --command 'touch /srv/app/mine'").failed
    assert host.check_output("su deploy --command 'sudo --non-interactive id --user'") == "0"


def test_ansible_left_nothing_behind(host: Host) -> None:
    assert host.file("/home/deploy/.ansible/tmp").is_directory, "it did work here, and as the person"
    assert host.check_output("find /home/deploy/.ansible /root /tmp /var/tmp -name '*ansible-tmp*'") == ""


def test_systemd_starts_it_again(host: Host) -> None:
    before = host.check_output("systemctl show --property MainPID --value app")
    host.check_output("systemctl kill --signal KILL app")
    program = (
        "import time, urllib.request as u\n"
        "for _ in range(100):\n"
        "    time.sleep(0.1)\n"
        "    try: print(u.urlopen('http://127.0.0.1:3000/ready', timeout=1).status); break\n"
        "    except OSError: pass\n"
    )
    assert host.check_output("python3 -c %s", program) == "200"
    assert host.check_output("systemctl show --property MainPID --value app") != before
