"""What the console's address shows while the stack starts: how far it has come."""

import threading
from html import escape

_REFRESH_SECONDS = 1
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{refresh}">
<title>Omny Console is starting</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto }}
progress {{ width: 100% }}
ol {{ color: #555; padding-left: 1.2rem }}
</style>
</head>
<body>
<h1>Omny Console is starting</h1>
<p role="status">{doing}</p>
<progress max="100" value="{percent}" aria-label="Progress">{percent} %</progress>
<ol reversed>
{done}
</ol>
</body>
</html>
"""


class StartPage:
    """Keeps what was done so far; shared between the thread that starts and those that answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told = ["The emulators are starting"]
        self._share = 0.0
        self.is_over = False

    def tell(self, doing: str, share: float) -> None:
        """Say what begins now, and which share of everything is done (0 to 1)."""
        with self._lock:
            self._told.append(doing)
            self._share = share

    def end(self) -> None:
        """Give way to the console."""
        self.is_over = True

    def html(self) -> str:
        """Write the page, which asks for itself again."""
        with self._lock:
            *done, doing = self._told
            percent = round(100 * self._share)
        return _PAGE.format(
            refresh=_REFRESH_SECONDS,
            doing=escape(doing),
            percent=percent,
            done="\n".join(f"<li>{escape(each)}</li>" for each in reversed(done)),
        )
