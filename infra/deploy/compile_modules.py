"""Compiles every module below a folder, the same bytes each time; run by the package's Python.

python compile_modules.py FOLDER PATH_SHOWN [PART PARTS]

Bytecode is of the kind that is never checked against its source (a Lambda's disk never changes).
Only the standard library is used: the Python of the package has nothing else.  What marshal writes
depends on what the process compiled before: a part is always compiled in the same order, alone.
"""

import py_compile
import sys
from pathlib import Path


def main(folder: str, shown: str, part: int = 0, parts: int = 1) -> int:
    """Compile; tracebacks will show modules below ``shown``."""
    root = Path(folder)
    for path in sorted(root.rglob("*.py"))[part::parts]:
        py_compile.compile(
            str(path),
            dfile=f"{shown}/{path.relative_to(root).as_posix()}",
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
