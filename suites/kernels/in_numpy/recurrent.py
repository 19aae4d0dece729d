"""The references' own."""

from pytest_dualfw.reference import lstm as lstm_scan
from pytest_dualfw.reference import lstm_cell, lstm_cell_vjp
from pytest_dualfw.reference import lstm_vjp as lstm_scan_vjp

lstm_unrolled, lstm_unrolled_vjp = lstm_scan, lstm_scan_vjp

__all__ = ["lstm_cell", "lstm_cell_vjp", "lstm_scan", "lstm_scan_vjp", "lstm_unrolled", "lstm_unrolled_vjp"]
