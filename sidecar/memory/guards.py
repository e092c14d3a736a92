"""Files that keep what stands beside and below them from being fetched, each for another kind of server."""

from __future__ import annotations

#: What keeps a folder from being listed where the server honours nothing else.
INDEX = "index.php"
INDEX_TEXT = b"<?php\n// Silence is golden.\n"

#: Apache and LiteSpeed.
HTACCESS = (
    b"# Agent memory is private.\n"
    b"<IfModule mod_authz_core.c>\nRequire all denied\n</IfModule>\n"
    b"<IfModule !mod_authz_core.c>\nOrder allow,deny\nDeny from all\n</IfModule>\n"
)
#: IIS: no extension is served. Request filtering is the section that a folder may always set.
WEB_CONFIG = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<!-- Agent memory is private. -->\n"
    b"<configuration><system.webServer><security><requestFiltering>\n"
    b'<fileExtensions allowUnlisted="false" applyToWebDAV="true"><clear /></fileExtensions>\n'
    b"</requestFiltering></security></system.webServer></configuration>\n"
)

#: Files by name that deny everything below their folder.
DENY = {".htaccess": HTACCESS, "web.config": WEB_CONFIG}
#: Names that are none of an agent's files.
NAMES = frozenset({INDEX, *DENY})
