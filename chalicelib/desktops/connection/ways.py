"""How a client reaches a desktop: in the browser, or by a file that a program opens (DSK-3).

On EC2, Amazon DCV answers on port 8443 to both; a WorkSpace is reached through AWS's own client.
"""

from chalicelib.desktops.model.desktop import Desktop
from chalicelib.desktops.model.lifecycle import State

USER = "desktop"  # of the machine, whose password is the access code
_DCV_PORT = 8443
_WORKSPACES = "workspaces"
_WEB_CLIENT = "https://clients.amazonworkspaces.com/webclient"
_REACHED = frozenset({State.RUNNING})


def browser_address(desktop: Desktop) -> str | None:
    """Give the address to open in a browser, None while the desktop cannot be reached."""
    if desktop.state not in _REACHED or not desktop.address:
        return None
    if desktop.provider == _WORKSPACES:
        return _WEB_CLIENT
    return f"https://{desktop.address}:{_DCV_PORT}/"


def connection_file(desktop: Desktop) -> tuple[str, str] | None:
    """Give the name and the content of the connection file, None while there is nothing to reach.

    It never holds the access code (DSK-7).
    """
    if browser_address(desktop) is None:
        return None
    if desktop.provider == _WORKSPACES:
        content = f"[InternetShortcut]\r\nURL=workspaces://{desktop.id}@{desktop.address}\r\n"
        return f"{desktop.id}.url", content
    lines = (
        "[version]",
        "format=1.0",
        "",
        "[connect]",
        f"host={desktop.address}",
        f"port={_DCV_PORT}",
        f"user={USER}",
        "",
    )
    return f"{desktop.id}.dcv", "\r\n".join(lines)
