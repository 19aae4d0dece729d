"""What is verified on any installation: rows of ops, optimisers, and training on real data.

Run them with ``pytest --pyargs pytest_dualfw.suites --fw=torch,jax``.
"""
