"""Which worker of pytest-xdist takes which file: few of them start a control plane, and what takes long goes first."""

from collections.abc import Iterable
from typing import Final

from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

_SHARED: Final = {
    "operator": ("operator", 1),
    "gate": ("gate", 2),
    "crd": ("bare", 1),
    "chart": ("bare", 1),
    "node": ("node", 1),
    "e2e": ("e2e", 2),
}
"""Folders whose tests share a control plane in one worker: which one, and how many workers may start it."""
# What waits for processes, before what computes for milliseconds: at the end no core waits for one long file.
_FIRST: Final = ("operator", "gate", "cluster_fixture", "webhook", "crd", "chart", "cli")


class FewControlPlanes(LoadFileScheduling):
    """A worker stays with the control plane that it has, and starts one too many only when nothing else is left."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        others = [files for worker, files in self.assigned_work.items() if worker is not node]
        self.workqueue.move_to_end(next_file(self.workqueue, self.assigned_work[node], others), last=False)
        super()._assign_work_unit(node)


def next_file(waiting: Iterable[str], mine: Iterable[str], others: Iterable[Iterable[str]]) -> str:
    """Return what a worker does next that has had `mine`; `others` is what each other worker has had."""
    has = _control_planes(mine)
    started = [_control_planes(files) for files in others]

    def rank(file: str) -> tuple[int, int]:
        name, most = _SHARED.get(_folder(file), ("", 0))
        if not name:
            return 2, _place(file)
        if name in has:
            return 0, _place(file)
        return (1 if sum(name in names for names in started) < most else 3), _place(file)

    return min(waiting, key=rank)


def _control_planes(files: Iterable[str]) -> set[str]:
    return {_SHARED[_folder(file)][0] for file in files if _folder(file) in _SHARED}


def _place(file: str) -> int:
    folder = _folder(file)
    return _FIRST.index(folder) if folder in _FIRST else len(_FIRST)


def _folder(file: str) -> str:
    return file.removeprefix("tests/").partition("/")[0]
