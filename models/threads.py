"""Threads of the linear algebra library: one a process, for the service scales by workers."""

from __future__ import annotations

from functools import cache

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]


@cache
def one_blas_thread() -> None:
    """Limits BLAS to one thread for the rest of the process.

    Our products are small and fit one core; on a busy machine two threads that wait for each other cost 20 to 80 ms a
    message instead of 2 (measured November 2026).
    """
    threadpool_limits(limits=1, user_api="blas")
