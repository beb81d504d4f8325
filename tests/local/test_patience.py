"""Waiting for a program goes by what it does, not by how long a busy machine takes."""

import os

from infra.local.programs.patience import Patience, cpu_seconds


class Watch:
    """A clock, and the processor time of a program, both moved by hand."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def patience(self) -> Patience:
        return Patience(lambda: self.cpu, still_seconds=20, work_seconds=60, now=lambda: self.wall)


def test_a_slow_program_is_waited_for_as_long_as_it_works() -> None:
    # Given a machine so busy that a program gets a hundredth of it
    watch = Watch()
    patience = watch.patience()
    for _ in range(100):
        watch.wall += 15
        watch.cpu += 0.15
        assert not patience.is_over
    # When it stands still, then it is given up
    watch.wall += 21
    assert patience.is_over


def test_a_program_that_turns_in_circles_is_given_up() -> None:
    watch = Watch()
    patience = watch.patience()
    watch.wall, watch.cpu = 59, 59
    assert not patience.is_over
    watch.wall, watch.cpu = 61, 61
    assert patience.is_over


def test_a_program_that_only_looks_around_is_given_up_at_last() -> None:
    watch = Watch()
    patience = watch.patience()
    while watch.wall < 1800:
        assert not patience.is_over
        watch.wall += 10
        watch.cpu += 0.01
    watch.wall += 10
    assert patience.is_over


def test_processor_time_is_that_of_the_processes_there_are() -> None:
    before = cpu_seconds([os.getpid()])
    while os.times().user + os.times().system < before + 0.05:
        pass
    assert cpu_seconds([os.getpid(), 2**22 + 1]) > before
