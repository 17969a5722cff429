"""Scripts of sockbook (`*.sock`) as tests of pytest: each is an item, so that pytest-xdist spreads them.

Copy this file to the folder that pytest begins in, or into an existing conftest.py. It needs pytest 7 or later and the
program; `--sockbook=PATH` names it where it is not in PATH (with `=`: before it has read this file pytest takes a PATH that
stands apart for a test's), `--sockbook-arg=--timeout=2s` hands it an argument more.

What `sockbook test FOLDER` would run is collected: no `fixture.sock`, no `_name.sock`, nothing that others source. A script's
tags are markers (`pytest -m slow`). `test alone NAME` is a group of pytest-xdist: with `--dist loadgroup` its scripts run
on one worker, one after the other. Each script has a process of its own, which begins its fixtures and ends them.
"""

import json
import os
import pathlib
import re
import subprocess
import tempfile

import pytest


def pytest_addoption(parser):
    group = parser.getgroup("sockbook")
    group.addoption("--sockbook", default=os.environ.get("SOCKBOOK", "sockbook"), help="the program")
    group.addoption("--sockbook-arg", action="append", default=[], help="an argument more for `sockbook test`")


def pytest_configure(config):
    config._sockbook_listed = {}


def pytest_collect_file(file_path, parent):
    if file_path.suffix == ".sock" and file_path in listed(parent.config, file_path.parent):
        return Script.from_parent(parent, path=file_path)
    return None


def listed(config, folder):
    """The scripts of a folder that `sockbook test` runs."""
    known = config._sockbook_listed
    if folder not in known:
        command = [config.getoption("--sockbook"), "test", "--list", str(folder)]
        try:
            run = subprocess.run(command, capture_output=True, text=True)
        except OSError as error:
            raise pytest.UsageError(f"{command[0]}: {error.strerror}; `--sockbook=PATH` names the program") from None
        # A folder without a test has an empty list, and that is no fault.
        if run.returncode != 0:
            raise pytest.UsageError(f"{' '.join(command)} ended with {run.returncode}: {run.stderr.strip()}")
        known[folder] = {pathlib.Path(line).absolute() for line in run.stdout.splitlines()}
    return known[folder]


class Script(pytest.File):
    """A script, which is one test."""

    def collect(self):
        yield ScriptItem.from_parent(self, name=self.path.stem)


class ScriptItem(pytest.Item):
    """The run of a script."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        for word, rest in re.findall(r"^test +(tag|alone)\b *(.*)", self.path.read_text(errors="replace"), re.M):
            names = rest.split("#")[0].split()
            if word == "alone":
                self.add_marker(pytest.mark.xdist_group("".join(names) or "alone"))
            for name in names if word == "tag" else []:
                self.config.addinivalue_line("markers", f"{name}: a tag of sockbook's scripts")
                self.add_marker(name)

    def runtest(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder, "report.json")
            command = [self.config.getoption("--sockbook"), "test", "--color", "never", "--report", f"json={report}"]
            command += [*self.config.getoption("--sockbook-arg"), str(self.path)]
            run = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
            said = run.stdout + run.stderr
            try:
                scripts = json.loads(report.read_text())["scripts"]
            except (OSError, ValueError, KeyError):
                raise ScriptFailed(said or f"sockbook ended with {run.returncode}") from None
        script = next((s for s in scripts if pathlib.Path(s["file"]).absolute() == self.path), None)
        if script is None or run.returncode not in (0, 1):
            raise ScriptFailed(said)
        if script["output"]:
            self.add_report_section("call", "script", script["output"])
        if script["status"] == "skipped" and run.returncode == 0:
            pytest.skip(script["reason"] or "skipped")
        if script["status"] == "known" and run.returncode == 0:
            pytest.xfail(script["reason"] or "known to fail")
        if script["status"] != "passed" or run.returncode != 0:
            # pytest's summary shows the first line.
            headline = (script["error"] or {}).get("message") or script["reason"] or script["status"]
            raise ScriptFailed(f"{headline}\n\n{said}")

    def repr_failure(self, excinfo, style=None):
        if isinstance(excinfo.value, ScriptFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self):
        return self.path, 0, self.name


class ScriptFailed(Exception):
    """What sockbook says of a failure."""
