"""Programs are kept: a function that is checked again at the same shapes is not compiled again."""

from collections import OrderedDict
from types import FunctionType
from typing import Any

from ..frameworks.base import Framework
from ..frameworks.program import Program
from .problem import Problem

KEPT = 32

# key -> the program, and what the key names by id and must therefore outlive
_kept: "OrderedDict[Any, tuple[Program, Any]]" = OrderedDict()


def program_of(problem: Problem, fw: Framework) -> Program:
    """``problem.fn`` on ``fw``. Kept for plain functions only: what a closure holds is part of the key, what an
    object holds cannot be seen.
    """
    fn = problem.fn
    if not isinstance(fn, FunctionType):
        return fw.program(problem.pullable())
    held = (*(cell.cell_contents for cell in fn.__closure__ or ()), *(fn.__defaults__ or ()), fn, fw)
    shapes = tuple((x.shape, x.dtype.name) for x in problem.leaves)
    key = (*map(id, held), problem.tree, problem.differentiated, problem.layout, shapes)
    if key not in _kept:
        _kept[key] = (fw.program(problem.pullable()), held)
        if len(_kept) > KEPT:
            _kept.popitem(last=False)
    _kept.move_to_end(key)
    return _kept[key][0]
