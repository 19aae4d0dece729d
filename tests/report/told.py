"""A judged history as plain data, small enough to be read whole."""


def change(**other):
    known = {
        "id": "abc", "quantity": "jit", "run": 1, "found": 2, "tier": "confirmed", "factor": 1.1, "p": 1e-4,
        "worse": True, "blame": "compiler", "beside": ["torch 2.12 -> 2.13"], "acknowledged": None}  # fmt: skip
    return known | other


def series(name="matmul", group="same", changes=(), jit=(1e-3, 1.1e-3, 1.1e-3)):
    empty = dict.fromkeys(("ratio", "eager", "compile", "memory"), [None] * len(jit))
    return {
        "bench": {"id": name, "pass_": "forward"}, "group": group, "changes": list(changes),
        "values": {**empty, "jit": list(jit)}, "status": ["ok"] * len(jit)}  # fmt: skip


def timeline(*many, machine_changes=(), nights=3, **other):
    runs = [{"id": f"r{i}", "started": f"2026-01-0{1 + i}T03:00:00Z", "commit": ""} for i in range(nights)]
    known = {
        "key": "7aaf", "branch": "main", "machine": {"cpu": "EPYC", "gpu": "H200"}, "floor": 0.0, "runs": runs,
        "marks": [], "machine_changes": list(machine_changes), "series": list(many)}  # fmt: skip
    return known | other


def nights(*timelines, problems=(), **counts):
    groups = dict.fromkeys(("regressed", "suspect", "invalid", "improved", "insufficient", "same"), 0)
    return {
        "schema": "dualfw-nights/1", "problems": list(problems), "counts": groups | counts,
        "timelines": list(timelines)}  # fmt: skip
