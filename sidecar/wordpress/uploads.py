"""Where a blog's uploads live, by the rules of ``wp_upload_dir``."""

from __future__ import annotations

from pathlib import PurePosixPath

from sidecar.db.tables import MAIN_BLOG
from sidecar.db.wpconfig import WordPressConfig
from sidecar.errors import Unavailable
from sidecar.wordpress.options import Options

#: The folder below uploads that holds memory, flows' files and jobs' packets.
FOLDER = "datamachine-files"


class UploadsUnknown(Unavailable):
    """Only PHP can tell (the rewriting of files of networks made before WordPress 3.5)."""

    code = "uploads_unknown"


class Uploads:
    """Base folders of uploads. The filter ``upload_dir`` is not seen here: ask a host where that matters."""

    def __init__(self, config: WordPressConfig, options: Options) -> None:
        self._config = config
        self._options = options

    def base_dir(self, blog_id: int = MAIN_BLOG) -> str:
        """The folder without year and month, absolute."""
        root = PurePosixPath(self._config.path)
        option = str(self._options.get("upload_path", "", blog_id=blog_id) or "").strip()
        if option in {"", "wp-content/uploads"}:
            base = PurePosixPath(self._config.content_dir) / "uploads"
        else:
            # An absolute option wins over the folder it is joined to.
            base = root / option
        if self._config.multisite and self._options.network("ms_files_rewriting", "0") not in {"", "0", None}:
            raise UploadsUnknown(
                "This network rewrites file addresses; only WordPress knows its upload folders."
            )
        if self._config.uploads:
            base = root / self._config.uploads
        if self._config.multisite and blog_id != MAIN_BLOG:
            base = base / "sites" / str(blog_id)
        return str(base)

    def files_base(self, blog_id: int = MAIN_BLOG) -> str:
        """Where a blog's memory, flows' files and jobs' packets are: ``Site::base()`` in PHP.

        The constant DATAMACHINE_FILES_DIR names it, else it is the folder below uploads.
        """
        chosen = self._config.files_dir
        if not chosen:
            return f"{self.base_dir(blog_id)}/{FOLDER}"
        return f"{chosen}/sites/{blog_id}" if self._config.multisite and blog_id != MAIN_BLOG else chosen
