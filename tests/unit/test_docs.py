# Copyright (c) 2026 iot_site.checklist contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages say is true: links lead somewhere, inventories pass preflight, commands exist, the example works."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from ansible_collections.iot_site.checklist.plugins.plugin_utils import platforms
from ansible_collections.iot_site.checklist.plugins.plugin_utils.model import Intent, Status
from ansible_collections.iot_site.checklist.plugins.plugin_utils.raw import Output, Raw

CHECKOUT = Path(__file__).parents[2]
READMES = ("README.md", "README.ja.md")
_NOT_OURS = {"demo-site", "dist", "node_modules"}


def pages() -> list[Path]:
    """Every page of the checkout, by its place in it."""
    found = (path.relative_to(CHECKOUT) for path in CHECKOUT.rglob("*.md"))
    return sorted(page for page in found if not page.parts[0].startswith(".") and page.parts[0] not in _NOT_OURS)


def text(page: str | Path) -> str:
    return (CHECKOUT / page).read_text(encoding="utf-8")


def blocks(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(page), re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What a heading is called in a link."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages(), ids=str)
def test_links_lead_somewhere(page: Path) -> None:
    prose = re.sub(r"^```.*?^```$", "", text(page), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if re.match(r"[a-z]+:", target):
            continue
        name, _hash, anchor = target.partition("#")
        led = (CHECKOUT / page).parent / name if name else CHECKOUT / page
        assert led.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(led.resolve().relative_to(CHECKOUT)), f"{page}: {target}"


def test_every_page_can_be_found_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)", text("README.md")))
    assert {str(page) for page in pages() if page.parts[0] == "docs"} <= linked


@pytest.mark.parametrize("readme", READMES)
def test_the_inventory_of_the_readme_is_right_as_it_stands(readme: str, tmp_path: Path) -> None:
    inventory, secrets = blocks(readme, "yaml")
    assert set(yaml.safe_load(secrets)) >= {"ansible_user", "ansible_password", "ansible_become_password"}
    (tmp_path / "hosts.yml").write_text(inventory, encoding="utf-8")
    preflight, *_contacting = yaml.safe_load(text("playbooks/audit.yml"))
    (tmp_path / "preflight.yml").write_text(yaml.safe_dump([preflight]), encoding="utf-8")
    found = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "-i", "hosts.yml", "preflight.yml"],
        cwd=tmp_path, env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "ANSIBLE_LOCAL_TEMP": str(tmp_path / "tmp")},
        capture_output=True, text=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    assert re.search(r"^k7-panel +: ok=[1-9]", found.stdout, re.MULTILINE), "preflight did not run"


def test_both_readmes_show_the_same() -> None:
    """Two languages, one product: what is typed and what is printed must not drift apart."""
    english, japanese = READMES
    for language in ("yaml", "text"):
        assert blocks(english, language) == blocks(japanese, language)
    typed = [[line.partition("#")[0].rstrip() for line in "\n".join(blocks(page, "console")).splitlines()]
             for page in READMES]  # fmt: skip
    assert typed[0] == typed[1]


@pytest.mark.parametrize("page", [*READMES, "CONTRIBUTING.md", "docs/adding-a-platform.md"])
def test_the_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", text("Makefile"), re.MULTILINE))
    for line in re.findall(r"^\$ make ([a-z0-9 -]+?)(?= *(?:#|&&|$))", text(page), re.MULTILINE):
        assert set(line.split()) <= targets, line


def test_the_variables_that_the_page_names_exist() -> None:
    specified = {
        name
        for path in CHECKOUT.glob("roles/*/meta/argument_specs.yml")
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values()
        for name in entry.get("options", {})
    }
    read_elsewhere = {"iot_site_hosts", "iot_site_console_password", "iot_site_people_noc", "iot_site_",
                      "iot_site_secrets", "iot_site_vantage_hosts"}  # fmt: skip
    named = set(re.findall(r"\b(?:iot_site|ip_allowlist|banner_blanking|report)_\w*", text("docs/variables.md")))
    assert named - read_elsewhere <= specified


# --- the example of docs/adding-a-platform.md ---------------------------------------------------------------

INTENT = Intent(site="k7", host="k7-ex", allow4=("203.0.113.10/32",))


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The page's file, where it would lie, without lying there."""
    (source,) = blocks("docs/adding-a-platform.md", "python")
    path = tmp_path_factory.mktemp("platforms") / "example_ex.py"
    path.write_text(source, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(f"{platforms.__name__}.example_ex", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answers(running: str, version: str = "EX-100 version 4.2.1 serial 000123\n") -> Raw:
    return Raw({"show_version": {"show version": Output(version.encode())},
                "show_running": {"show running": Output(running.encode())}})  # fmt: skip


@pytest.mark.parametrize(
    ("running", "status"),
    [
        ("ssh permit 203.0.113.10/32\nend\n", Status.PASS),
        ("ssh permit any\nend\n", Status.GAP),
        ("end\n", Status.GAP),
        ("ssh permit 203.0.113.10/32\n", Status.UNKNOWN),
    ],
)
def test_the_example_platform_judges_as_the_page_says(example: ModuleType, running: str, status: Status) -> None:
    platform = example.PLATFORM
    judged = platform.judge(platform.parse(answers(running)), INTENT, "A2")
    assert [one.status for one in judged if one.control == "A2.management"] == [status]


def test_the_example_platform_plans_what_closes_the_gap_and_applies_nothing_yet(example: ModuleType) -> None:
    platform = example.PLATFORM
    state = platform.parse(answers("ssh permit any\nend\n"))
    (change,) = platform.plan(state, INTENT, platform.judge(state, INTENT, "A2")).changes
    (edit,) = change.edits
    closed = platform.parse(answers(f"{edit.line}\nend\n"))
    assert not platform.plan(closed, INTENT, platform.judge(closed, INTENT, "A2")).changes
    assert platform.vitals(Raw()).unsafe
