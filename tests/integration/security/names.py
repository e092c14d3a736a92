"""Names of files that lead elsewhere, hide, run, or mean one thing here and another there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

#: Stands for the folder of the agent that is attacked.
VICTIM = "{victim}"
TRAVERSAL = (
    f"../{VICTIM}/MEMORY.md",
    f"../../agents/{VICTIM}/MEMORY.md",
    f"daily/../../{VICTIM}/MEMORY.md",
    f"./../{VICTIM}/MEMORY.md",
    f"....//{VICTIM}/MEMORY.md",
    f"..\\{VICTIM}\\MEMORY.md",
    f"..%2f{VICTIM}%2fMEMORY.md",
    f"%2e%2e/{VICTIM}/MEMORY.md",
    f"%252e%252e%252f{VICTIM}%252fMEMORY.md",
    f"..%c0%af{VICTIM}/MEMORY.md",
    f"\N{FULLWIDTH FULL STOP}\N{FULLWIDTH FULL STOP}/{VICTIM}/MEMORY.md",
    f"..\N{FULLWIDTH SOLIDUS}{VICTIM}\N{FULLWIDTH SOLIDUS}MEMORY.md",
    f"\N{TWO DOT LEADER}/{VICTIM}/MEMORY.md",
    f"..\N{FRACTION SLASH}{VICTIM}\N{FRACTION SLASH}MEMORY.md",
    "../canary.md",
    "../../canary.md",
    "../../../../../canary.md",
    "../../../../../wp-config.php",
    "/etc/passwd",
    "/etc/passwd.md",
    "{root}/canary.md",
    "file://{root}/canary.md",
    "php://filter/resource={root}/canary.md",
    "phar://canary.md",
    "data:text/plain,x.md",
    "~/canary.md",
    "..",
    ".",
    "/",
    "//",
    "daily",
    "daily/..",
)
LINKS = ("link.md", "linked/MEMORY.md", "linked/new.md", "out.md", "dangling.md", "hole/canary.md", "fifo.md")
RUNNABLE = (
    "x.php",
    "x.PHP",
    "x.php.md",
    "x.pHp5.txt",
    "x.md.php",
    "x.phtml",
    "x.phar",
    "x.php ",
    "x.php.",
    "x.php/",
    "x.php/x.md",
    "x.php::$DATA",
    "x.php%00.md",
    "x.php\0.md",
    "x.md\n.php",
    "x.cgi.md",
    "x.html",
    "x.svg",
    "x.js",
    "x",
    "index.php",
    ".htaccess",
    ".htaccess.md",
    "a.htaccess.md",
    ".user.ini",
    "web.config",
    "wp-config.php",
    "daily/2026/11/x.php",
)
ODD = (
    "",
    " ",
    "\0",
    "MEMORY.md\0",
    "MEM\0ORY.md",
    ".md",
    "..md",
    "-rf.md",
    "--agent=1.md",
    "$(id).md",
    "`id`.md",
    "a;b.md",
    "a*b?.md",
    "CON.md",
    "M\N{COMBINING ACUTE ACCENT}.md",
    "\N{LATIN SMALL LETTER E WITH ACUTE}.md",
    "ME\N{ZERO WIDTH SPACE}MORY.md",
    "\N{RIGHT-TO-LEFT OVERRIDE}dm.php",
    "\N{ROBOT FACE}.md",
    "a" * 256 + ".md",
    "a" * 5000 + ".md",
    "a/" * 300 + "x.md",
    "MEMORY.md/",
    "MEMORY.md/x.md",
    ".MEMORY.md.000000.tmp",
)
ALL = TRAVERSAL + LINKS + RUNNABLE + ODD
#: No days of the calendar.
DAYS = (
    "2026-02-30",
    "2026-13-01",
    "2026-00-10",
    "0000-00-00",
    "2026-1-1",
    "2026-11-23\n",
    "2026-11-23/../../x",
    f"../../{VICTIM}/MEMORY",
    "2026/11/23",
    "\N{ARABIC-INDIC DIGIT TWO}026-11-23",
    "2026-11-23\0",
    "x" * 5000,
)
#: Every kind of file we store; one segment of anything may not look like a program.
SAFE = (".md", ".markdown", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".csv", ".log")
_RUNS = re.compile(r"\.(php\d?|phtml|phar|cgi|htaccess)(\.|\Z)", re.IGNORECASE)
CANARY = "canary-that-nobody-may-see"


def plant(root: Path, base: Path) -> list[Path]:
    """Put files where nobody may get; gives them."""
    made = [root / "canary.md", base / "canary.md", base / "agents" / "canary.md", base.parent / "canary.md"]
    for place in made:
        place.write_text(CANARY)
    return made


def link(root: Path, folder: Path, victim: Path) -> list[Path]:
    """Put what leads elsewhere into an agent's folder; gives it.

    Who deletes a link in his own folder deletes the link: every test has them anew.
    """
    links = {
        "link.md": victim / "MEMORY.md",
        "linked": victim,
        "out.md": root / "canary.md",
        "dangling.md": root / "dangling.md",
        "hole": root,
    }
    made = [folder / name for name in (*links, "fifo.md")]
    for place in made:
        place.unlink(missing_ok=True)
    for name, target in links.items():
        (folder / name).symlink_to(target)
    os.mkfifo(folder / "fifo.md")
    return made


def tree(root: Path, *without: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and link below a folder but not below others: size, time and kind."""
    found = {}
    for folder, below, names in os.walk(root):
        place = Path(folder)
        below[:] = [name for name in below if place / name not in without]
        for name in (*names, *below):
            status = os.lstat(place / name)
            if place / name not in without and not (name in below and not os.path.islink(place / name)):
                found[str(place / name)] = (status.st_size, status.st_mtime_ns, status.st_mode)
    return found


def unsafe(folder: Path, known: set[Path]) -> Iterator[Path]:
    """Files below a folder that are not among those known and are no plain text of a plain name."""
    for place in folder.rglob("*"):
        if place in known or place.is_dir() or place.name in {"index.php", ".htaccess", "web.config"}:
            continue
        parts = place.relative_to(folder).parts
        hidden = any(part.startswith(".") for part in parts)
        if (
            hidden
            or _RUNS.search(place.name)
            or not place.name.lower().endswith(SAFE)
            or not place.name.isascii()
        ):
            yield place
