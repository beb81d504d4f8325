"""Brings the front-end assets: npm installs them by the lock, this copies what the pages use.

Nothing of it is committed. The copies carry no version in their names, so that templates stay as
they are when a version moves; `package-lock.json` says which one it is.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.project import ROOT

MODULES = ROOT / "node_modules"
INSTALLED_LOCK = MODULES / "installed-lock.json"
NODE_REQUIREMENTS = ROOT / "infra" / "generate" / "requirements-node.txt"

STATIC = ROOT / "chalicelib" / "console" / "static" / "vendor"
# fpdf2 embeds static TrueType files: the variable font of the pages is of no use to it.
FONTS = ROOT / "chalicelib" / "paper" / "fonts"

STATIC_FILES = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.LICENSE.txt": "bootstrap/LICENSE",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE.txt": "htmx.org/LICENSE",
    "inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
    "inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    "inter.LICENSE.txt": "@fontsource-variable/inter/LICENSE",
}
FONT_FILES = {
    "Inter-Regular.ttf": "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
    "Inter-SemiBold.ttf": "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
    "Inter-Bold.ttf": "@expo-google-fonts/inter/700Bold/Inter_700Bold.ttf",
    "Inter.LICENSE.txt": "@expo-google-fonts/inter/LICENSE_FONT",
}


def find_npm() -> str:
    """The path of npm: the machine's own, else the one of a PyPI wheel put beside this Python."""
    own = shutil.which("npm")
    if own and shutil.which("node"):
        return own
    beside = Path(sys.executable).parent / "npm"
    if not beside.exists():
        print("npm is missing: installing Node.js into the virtual environment")
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "install", "--quiet"),
                *("--disable-pip-version-check", "--require-hashes"),
                *("-r", str(NODE_REQUIREMENTS)),
            ],
            check=True,
        )
    return str(beside)


def install_modules() -> None:
    """Install what the lock names, without running any package's scripts, unless it is there."""
    lock = (ROOT / "package-lock.json").read_bytes()
    if INSTALLED_LOCK.exists() and INSTALLED_LOCK.read_bytes() == lock:
        return
    npm = find_npm()
    # npm is a script of node's: it must find the node that came with it.
    path = os.pathsep.join([str(Path(npm).parent), os.environ.get("PATH", os.defpath)])
    subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=True,
    )
    INSTALLED_LOCK.write_bytes(lock)


def copy_files(files: dict[str, str], target: Path) -> None:
    """Make `target` hold exactly `files` (name there: path under node_modules)."""
    target.mkdir(parents=True, exist_ok=True)
    for stale in target.iterdir():
        if stale.name not in files:
            stale.unlink()
    for name, source in files.items():
        copy = copy_font if name.endswith(".ttf") else shutil.copyfile
        copy(MODULES / source, target / name)


def copy_font(source: Path, target: Path) -> None:
    """Copy a font, every character of it, without what shapes text on a screen.

    Ligatures, kerning and hints are of no use to a PDF as we draw it, and going through them was a
    third of what a document costs.
    """
    from fontTools import subset

    options = subset.Options(
        drop_tables=["GDEF", "GPOS", "GSUB", "STAT", "gasp"],
        hinting=False,
        glyph_names=True,
        notdef_outline=True,
        name_IDs="*",
        recalc_timestamp=False,
    )
    font = subset.load_font(source, options)
    cut = subset.Subsetter(options)
    cut.populate(unicodes=font.getBestCmap())
    cut.subset(font)
    subset.save_font(font, target, options)


def main() -> None:
    """Install, then copy."""
    print("Copying the front-end assets")
    install_modules()
    copy_files(FONT_FILES, FONTS)
    # Last, and its last name last: the Makefile takes that file as the sign that all is there.
    copy_files(STATIC_FILES, STATIC)


if __name__ == "__main__":
    main()
