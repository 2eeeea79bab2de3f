"""Several killable children behind the face of one: threads share them, each call takes whichever is free."""

from collections.abc import Sequence
from queue import SimpleQueue
from typing import TypeVar

from sohoa.child import Child, Limits, Task

Q = TypeVar("Q")
R = TypeVar("R")


class Children(Child):
    """`count` children. While a thread waits for the network its child works for another."""

    def __init__(self, count: int, preload: tuple[str, ...] = (), limits: Limits | None = None) -> None:
        super().__init__(preload, limits)
        self._all: Sequence[Child] = [Child(preload, limits) for _ in range(count)]
        self._free: SimpleQueue[Child] = SimpleQueue()
        for child in self._all:
            self._free.put(child)

    def call(self, task: Task[Q, R], request: Q, seconds: float | None = None) -> R:
        """Run `task` in a child that is free, waiting for one if need be. Raises as `sohoa.child.Child.call`."""
        child = self._free.get()
        try:
            return child.call(task, request, seconds)
        finally:
            self._free.put(child)

    def kill(self) -> None:
        """End every child."""
        for child in getattr(self, "_all", ()):
            child.kill()

    close = kill
