"""Renaming an agent: its row and its directories change together, even when the process dies in between.

The rename is written down first, then directories move, then slug and note change in one transaction. A note
that is left while nobody holds its locks is a rename whose process died: whoever comes next finishes it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from sidecar.db import Database, DatabaseUnavailable
from sidecar.errors import Conflict, Internal, InvalidInput, NotFound, SidecarError
from sidecar.identity.agents import AgentsRepository, check_slug
from sidecar.identity.creation import reserved
from sidecar.identity.locks import NamedLocks, of_slug
from sidecar.identity.permissions import ADMIN, Permissions
from sidecar.identity.places import AgentPlaces
from sidecar.identity.principal import Principal
from sidecar.identity.renames import Rename, RenamesRepository
from sidecar.identity.values import Agent, Renamed
from sidecar.identity.wordpress import IdentityHost

if TYPE_CHECKING:
    from sidecar.runtime import Runtime

logger = logging.getLogger("datamachine.identity")


class Renaming:
    """Renames agents, and finishes what a dead process left."""

    def __init__(
        self,
        db: Database,
        *,
        agents: AgentsRepository,
        renames: RenamesRepository,
        permissions: Permissions,
        host: IdentityHost,
        locks: NamedLocks,
        places: Callable[[], AgentPlaces],
    ) -> None:
        self._db = db
        self._agents = agents
        self._renames = renames
        self._permissions = permissions
        self._host = host
        self._locks = locks
        self._places = places
        #: Called after each step with its name: ``locked``, ``written``, ``moving`` (one folder is done),
        #: ``moved`` (all are), ``changed``. For tests of what a crash there leaves.
        self.reached: Callable[[str], None] = _on

    def rename(self, principal: Principal, old: str, new: str, *, dry_run: bool) -> Renamed:
        """See :meth:`sidecar.identity.AgentsService.rename`; WordPress is at hand."""
        self.recover()
        old_slug, new_slug = self._host.clean(old).slug, self._host.clean(new).slug
        if old_slug == new_slug:
            raise InvalidInput("Old and new slugs are identical.", code="agent_slug_unchanged")
        if not new_slug:
            raise InvalidInput("New slug cannot be empty.", code="agent_slug_required")
        check_slug(new_slug)
        agent = self._agents.by_slug(old_slug)
        if agent is None:
            raise NotFound(f'Agent with slug "{old_slug}" not found.', code="agent_not_found")
        self._permissions.require_record(principal, agent, ADMIN)
        places = self._places()
        if places.name(agent, principal.blog_id) != agent.agent_slug:
            raise Conflict(
                f'Agent "{old_slug}" has a directory of another name and cannot be renamed.',
                code="agent_directory_scoped",
            )
        by_blog = places.folders()
        folders = _distinct(by_blog)
        self._check_free(new_slug, folders)
        if not self._permissions.administers(principal) and self._host.declared(new_slug):
            raise reserved(new_slug)
        here = by_blog.get(principal.blog_id) or folders[0]
        result = Renamed(
            old_slug=old_slug,
            new_slug=new_slug,
            old_path=places.path(here, old_slug),
            new_path=places.path(here, new_slug),
            moved=any(places.occupied(folder, old_slug) for folder in folders),
            agent=agent,
        )
        if dry_run:
            return result
        # First, so that no request finds a declared agent missing and makes another one of the old slug.
        known = old_slug in self._host.removed() or not self._host.declared(old_slug)
        if not known:
            self._host.remember_removed(old_slug, principal)
        try:
            moved = self._rename(agent, new_slug, folders)
        except (SidecarError, OSError):
            if not known and self._agents.by_slug(old_slug) is not None:
                self._host.forget_removed(old_slug)
            raise
        self._host.forget_removed(new_slug)
        self._host.forget()
        return Renamed(
            old_slug,
            new_slug,
            result.old_path,
            result.new_path,
            moved,
            self._agents.get(agent.agent_id) or agent,
        )

    def recover(self) -> int:
        """Finish renames whose process died; how many. One that cannot be finished now is left for later.

        Nothing is sent over the bridge unless there is one. Unavailable without WordPress, which alone knows
        where all files are.
        """
        left = self._renames.all()
        if not left:
            return 0
        with self._host.at_hand(Principal.system()):
            folders = _distinct(self._places().folders())
        finished = 0
        for rename in left:
            with self._locks.try_hold(of_slug(rename.old_slug), of_slug(rename.new_slug)) as session:
                if session is None or self._renames.get(rename.rename_id) is None:
                    # Its process lives, or another one was faster.
                    continue
                try:
                    self._finish(rename, folders)
                    finished += 1
                except (SidecarError, OSError):
                    logger.exception(
                        "The rename of agent %s to %s waits to be finished.", rename.old_slug, rename.new_slug
                    )
        return finished

    def _rename(self, agent: Agent, new_slug: str, folders: Sequence[str]) -> bool:
        # Who writes an agent's memory meanwhile waits, and finds the new directory.
        with self._locks.hold(of_slug(agent.agent_slug), of_slug(new_slug)), self._places().still():
            self.reached("locked")
            current = self._agents.get(agent.agent_id)
            if current is None or current.agent_slug != agent.agent_slug:
                raise NotFound(f'Agent with slug "{agent.agent_slug}" not found.', code="agent_not_found")
            self._check_free(new_slug, folders)
            note = self._renames.begin(agent.agent_id, agent.agent_slug, new_slug)
            self.reached("written")
            return self._move_and_change(Rename(note, agent.agent_id, agent.agent_slug, new_slug), folders)

    def _move_and_change(self, rename: Rename, folders: Sequence[str]) -> bool:
        places = self._places()
        moved: list[str] = []
        for folder in folders:
            try:
                if places.move(folder, rename.old_slug, rename.new_slug):
                    moved.append(folder)
                    self.reached("moving")
            except OSError as error:
                logger.warning("Could not move agent %s below %s: %s", rename.old_slug, folder, error)
                self._undo(rename, moved)
                raise Internal(
                    f'Failed to move directory from "{places.path(folder, rename.old_slug)}" '
                    f'to "{places.path(folder, rename.new_slug)}".',
                    code="agent_move_failed",
                ) from error
        self.reached("moved")
        try:
            changed = self._change(rename)
        except DatabaseUnavailable:
            # Whether it was committed is not known: the note says so, and recovery does what is right.
            raise
        except SidecarError as error:
            logger.warning("Could not rename agent %s: %s", rename.old_slug, error)
            changed = False
        if not changed:
            self._undo(rename, moved)
            raise Internal("Database update failed. Directory change reverted.", code="agent_update_failed")
        self.reached("changed")
        return bool(moved)

    def _change(self, rename: Rename) -> bool:
        def work(_: object) -> bool:
            # Another product may have taken it meanwhile; tables of later versions have no key against that.
            if self._agents.by_slug(rename.new_slug) is not None:
                return False
            if not self._agents.set_slug(rename.agent_id, rename.old_slug, rename.new_slug):
                return False
            self._renames.end(rename.rename_id)
            return True

        return self._db.run(work)

    def _undo(self, rename: Rename, moved: Sequence[str]) -> None:
        for folder in reversed(moved):
            self._places().move(folder, rename.new_slug, rename.old_slug)
        self._renames.end(rename.rename_id)

    def _finish(self, rename: Rename, folders: Sequence[str]) -> None:
        """Forward: who asked for it was allowed to, and its files may be where it wanted them already."""
        agent, holder = self._agents.get(rename.agent_id), self._agents.by_slug(rename.new_slug)
        if agent is None or agent.agent_slug not in {rename.old_slug, rename.new_slug}:
            # It was deleted or renamed again, behind our back: its directories are no longer ours to move.
            logger.warning("The rename of agent %s to %s is void.", rename.old_slug, rename.new_slug)
            self._renames.end(rename.rename_id)
            return
        places = self._places()
        with places.still():
            if holder is not None and holder.agent_id != rename.agent_id:
                # Another product took the slug. What stands where the old directory was is left alone.
                logger.warning("The rename of agent %s to %s is undone.", rename.old_slug, rename.new_slug)
                for folder in folders:
                    if not places.occupied(folder, rename.old_slug):
                        places.move(folder, rename.new_slug, rename.old_slug)
                self._renames.end(rename.rename_id)
                return
            for folder in folders:
                places.move(folder, rename.old_slug, rename.new_slug)
            if agent.agent_slug == rename.new_slug:
                self._renames.end(rename.rename_id)
            elif not self._change(rename):
                raise Internal("The slug changed meanwhile.", code="agent_update_failed")
        logger.info("Finished the rename of agent %s to %s.", rename.old_slug, rename.new_slug)

    def _check_free(self, slug: str, folders: Sequence[str]) -> None:
        if self._agents.by_slug(slug) is not None:
            raise Conflict(f'An agent with slug "{slug}" already exists.', code="agent_slug_conflict")
        for folder in folders:
            if self._places().occupied(folder, slug):
                raise Conflict(
                    f'Target directory "{self._places().path(folder, slug)}" already exists.',
                    code="agent_directory_exists",
                )


def finish_renames(runtime: Runtime) -> None:
    """Finish what a dead process left; for the start of a process. What cannot be done now is logged.

    No connection and no host process stays open: the caller may fork.
    """
    try:
        finished = runtime.get(Renaming).recover()
        if finished:
            logger.info("Finished %d rename(s) whose process had died.", finished)
    except SidecarError as error:
        logger.warning("Renames that were cut off wait: %s", error.message)
    finally:
        runtime.close()


def _distinct(folders: Mapping[int, str]) -> tuple[str, ...]:
    """Blogs may share their uploads."""
    return tuple(dict.fromkeys(folders.values()))


def _on(_step: str) -> None:
    return None
