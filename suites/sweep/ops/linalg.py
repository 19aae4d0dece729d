"""Products, determinants, inverses, solutions, factorizations, norms, eigenvalues and functions of matrices."""

from ..tensors import TensorRow
from .linalg_factors import FACTORS
from .linalg_products import PRODUCTS
from .linalg_solutions import SOLUTIONS

LINALG: tuple[TensorRow, ...] = (*PRODUCTS, *SOLUTIONS, *FACTORS)
