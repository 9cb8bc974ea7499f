"""The built web pages as files: hashed assets for ever, everything else anew. Knows no page."""

import os
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUNDLE = Path(__file__).parent / "static"
IMMUTABLE = "public, max-age=31536000, immutable"

MISSING = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>LineLab</title>
<body style="font:16px/1.7 sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1>LineLab</h1>
<p>产线正在运行，但网页尚未构建。在源码目录执行 <code>make web</code>（需要 Node.js 20 或更高版本），然后刷新本页。</p>
<p lang="en">The line is running, but its pages have not been built. Run <code>make web</code> in the source folder
(it needs Node.js 20 or later), then reload this page.</p>
<p lang="en">The API works without them: <code>GET /api/health</code>.</p>
</body></html>
"""


class Pages(StaticFiles):
    """Serves the bundle; any path that is not a file is a page of the app and gets `index.html`."""

    def __init__(self, folder: Path = BUNDLE) -> None:
        super().__init__(directory=folder, check_dir=False)
        self.config_checked = True  # a folder that is missing is told to a person, below
        self._folder = folder

    async def get_response(self, path: str, scope: Scope) -> Response:
        if path == "api" or path.startswith("api/"):
            raise HTTPException(404)
        if not (self._folder / "index.html").is_file():
            return HTMLResponse(MISSING, 503, headers={"cache-control": "no-store"})
        is_asset = path.replace(os.sep, "/").startswith("assets/")
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or is_asset:
                raise
            response = await super().get_response("index.html", scope)
        response.headers["cache-control"] = IMMUTABLE if is_asset else "no-cache"
        return response
