"""Seeded models of pages: a large one with everything in it, and one whose every text is hostile."""

import math

import numpy as np

from pytest_dualfw.report.page import PageModel

TARGETS = [f"{fw}-cpu-{d}-{m}" for fw in ("torch", "jax") for d in ("float64", "float32") for m in ("eager", "jit")]
QUANTITIES = {"ratio": 1.6, "jit": 2e-4, "eager": 3.2e-4, "compile": 1.3}
MADE = "2026-11-22 03:00"
HOSTILE = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">'\"&amp;"
ODD = "\u202eright to left\u2067 \U0001f4a5\x00\x07\x9f\ud800\u2028 " + "long " * 2000


def large(ops=300, kernels=25, nights=60, seed=0):
    rng = np.random.default_rng(seed)
    return PageModel(run(rng, ops), lines(rng, kernels), history(rng, kernels, nights), MADE)


def run(rng, ops=300, wrong=0.002):
    tests = [outcome(rng, f"op_{i:03d}", target, wrong) for i in range(ops) for target in TARGETS]
    return report(tests, {"ulp": ulp(rng, ops // 6), "catalogue": catalogue(ops // 2), "training": training(rng)})


def report(tests, tables=None, problems=()):
    matrix = {}
    for t in tests:
        matrix.setdefault(t["label"], {})[t["target"]] = t["status"]
    targets = list(dict.fromkeys(t["target"] for t in tests))
    return {
        "schema": "dualfw-report/1",
        "environment": {
            "started": "2026-11-22T01:47:26Z",
            "plugin": "0.1.0",
            "python": "3.11.7",
            "versions": {"torch": "2.13.0", "jax": "0.10.2"},
            "seed": 1,
            "left_out": [],
            "command": ["pytest", "-k", "a b"],
        },
        "targets": targets,
        "coverage": {},
        "matrix": matrix,
        "tables": tables or {},
        "findings": [],
        "problems": list(problems),
        "tests": tests,
    }


def outcome(rng, label, target, wrong=0.0):
    drawn = rng.random()
    status = next((s for s, p in _LIKELY.items() if drawn < p * wrong), "pass")
    found = {"test": f"suites/test_ops.py::test_op[{target}-{label}]", "label": label, "target": target}
    checks = [check(what, 10 ** rng.uniform(-4, -0.3)) for what in ("out", "dx")]
    if status == "discrepancy":
        checks[1] = check("dx", 10 ** rng.uniform(0.3, 4), "discrepancy")
    reasons = {"skipped": "no such op on this target", "xfailed": "known: see the catalogue"}
    broken = status in ("discrepancy", "failed", "error")
    return {
        **found,
        "command": f"pytest 'suites/test_ops.py::test_op[{target}-{label}]' --fw-seed=1",
        "outcome": {"discrepancy": "failed", "pass": "passed"}.get(status, status),
        "reason": reasons.get(status, ""),
        "message": f"{label}: dx disagrees with the reference vjp\n  at dx[3]" if broken else "",
        "seconds": 0.01,
        "checks": checks,
        "rows": [],
        "script": "import numpy as np\nprint(1)\n" if status == "discrepancy" else "",
        "status": status,
    }


_LIKELY = {"discrepancy": 1, "failed": 2, "skipped": 6, "xfailed": 8}


def check(what, ratio, verdict="pass", oracle="reference"):
    told = {"what": what, "oracle": oracle, "verdict": verdict, "error": ratio * 1e-6, "bound": 1e-6}
    return {**told, "note": "", "discrepancy": None, "heading": ""}


def ulp(rng, ops):
    return [
        {"target": f"{fw}-cpu-float64-eager", "op": f"op_{i:03d}", "what": "value", "worst": worst, "median": 0.5}
        for i in range(ops)
        for fw, worst in zip(("torch", "jax"), 10 ** rng.uniform(-1, 4, 2), strict=True)
    ]


def catalogue(entries):
    kinds = ("defect", "convention", "accuracy")
    return [
        {
            "target": f"{fw}-cpu-float32-eager",
            "id": f"op_{i:03d}: d/dx: {kinds[i % 3]}: both",
            "kind": kinds[i % 3],
            "at": f"({-i - 0.123456789},)",
            "obtained": "nan",
            "truth": "1.0",
            "both": True,
        }
        for i in range(entries)
        for fw in ("torch", "jax")
    ]


def training(rng, steps=60):
    names = [(fw, act) for fw in ("torch", "jax") for act in ("tanh", "relu")]
    return [
        {
            "target": f"{fw}-cpu-float32-eager",
            "activation": act,
            "step": s,
            "loss": math.exp(-s / 20) * rng.uniform(1, 1.2),
        }
        for fw, act in names
        for s in range(steps)
    ]


def benches(kernels):
    names = [(f"kernel_{k:02d} n=64 {fw}-cpu-float32", fw) for k in range(kernels) for fw in ("torch", "jax")]
    return [(name, fw, pass_) for name, fw in names for pass_ in ("forward", "forward+backward")]


def lines(rng, kernels):
    return [line(rng, *bench) for bench in benches(kernels)]


def line(rng, name, framework, pass_, status="ok"):
    ratio, jit, flops = rng.uniform(0.7, 6), 10 ** rng.uniform(-5, -3), 10 ** rng.uniform(5, 8)
    return {
        "schema": "dualfw-bench/1",
        "run_id": "4286da19fd6e",
        "started": "2026-11-22T00:08:18Z",
        "commit": {"id": "31d1cefed08411b1efe90f8a88f2aaa533452c9a", "dirty": True, "branch": "main"},
        "machine": {"key": "7aaf4e3c4fc0", "cpu": "EPYC", "cores": 2, "gpu": "", "driver": ""},
        "env": {},
        "bench": {"id": name, "group": name.split()[0], "framework": framework, "device": "cpu", "dtype": "float32"},
        "pass": pass_,
        "eager": {"median": ratio * jit},
        "jit": {"median": jit},
        "ratio": {"median": ratio, "lo": 0.97 * ratio, "hi": 1.04 * ratio},
        "compile": {"first": rng.uniform(0.2, 9)},
        "flops": flops,
        "bytes": flops / rng.uniform(0.2, 60),
        "roofline_pct": rng.uniform(1, 95),
        "status": status,
        "reasons": [],
    }


def history(rng, kernels, nights):
    runs = [
        {
            "id": f"run{i}",
            "started": f"2026-{9 + i // 30:02d}-{1 + i % 30:02d}T02:00:00Z",
            "commit": rng.bytes(20).hex(),
            "versions": {"torch": "2.13.0", "jax": "0.10.2"},
        }
        for i in range(nights)
    ]
    series = [one_series(rng, bench, nights, i) for i, bench in enumerate(benches(kernels))]
    groups = ("regressed", "suspect", "improved", "invalid", "insufficient", "same")
    return {
        "schema": "dualfw-nights/1",
        "problems": [],
        "counts": {g: sum(s["group"] == g for s in series) for g in groups},
        "timelines": [
            {
                "key": "7aaf4e3c4fc0",
                "branch": "main",
                "machine": {"cpu": "AMD EPYC 9654", "cores": 2, "gpu": "", "driver": "", "floor": 0.01},
                "floor": 0.01,
                "runs": runs,
                "marks": [[nights // 3, "torch 2.12 -> 2.13"]],
                "machine_changes": [change("eager", nights // 2, 1.08, tier="confirmed", blame="machine")],
                "series": series,
            }
        ],
    }


def one_series(rng, bench, nights, number):
    """The first three regressed, the fourth is suspect, the fifth improved; of the sixth two runs are invalid."""
    name, framework, pass_ = bench
    group = {3: "suspect", 4: "improved", 5: "invalid"}.get(number, "regressed" if number < 3 else "same")
    scale = 10 ** rng.uniform(-1, 1)
    values = {q: scale * level * np.exp(rng.normal(0, 0.01, nights)) for q, level in QUANTITIES.items()}
    values["ratio"] = values["eager"] / values["jit"]
    changes = []
    if number < 5:
        factor, tier = (0.8 if number == 4 else 1.15), ("suspect" if number == 3 else "confirmed")
        values["jit"][2 * nights // 3 :] *= factor
        values["ratio"][2 * nights // 3 :] /= factor
        changes = [
            change(q, 2 * nights // 3, f, tier, worse=number != 4, blame="compiler", key=f"{number}{q}")
            for q, f in (("jit", factor), ("ratio", 1 / factor))
        ]
    missing = {2, 3} if number == 5 else set()
    told = {q: [None if i in missing else float(v) for i, v in enumerate(vs)] for q, vs in values.items()}
    spread = {"low": 0.99, "high": 1.012}
    return {
        "bench": {
            "id": name,
            "group": name.split()[0],
            "pass_": pass_,
            "framework": framework,
            "device": "cpu",
            "dtype": "f",
        },
        "group": group,
        "values": {**told, "memory": [None] * nights},
        **{end: [None if v is None else v * f for v in told["ratio"]] for end, f in spread.items()},
        "roofline": [None] * nights,
        "status": ["invalid" if i in missing else "ok" for i in range(nights)],
        "changes": changes,
    }


def change(quantity, run, factor, tier="confirmed", worse=True, blame="", key=""):
    return {
        "id": key or quantity,
        "quantity": quantity,
        "run": run,
        "found": run,
        "tier": tier,
        "factor": factor,
        "p": 1e-4,
        "worse": worse,
        "blame": blame,
        "beside": ["torch 2.12 -> 2.13"],
        "acknowledged": None,
    }


def hostile():
    """Every text that a test, a kernel or a history can leave, as bad as it can be; the numbers too."""
    rng = np.random.default_rng(0)
    bad = HOSTILE + ODD
    broken = {**outcome(rng, bad, f"torch-{HOSTILE}-float32-eager"), "test": bad, "command": bad, "message": bad}
    broken |= {
        "status": "discrepancy",
        "outcome": "failed",
        "script": bad,
        "checks": [check(bad, 2, "discrepancy", bad)],
    }
    broken["checks"].append({**check(bad, 1, "discrepancy"), "error": "nan", "bound": None})
    aside = {**outcome(rng, "aside", bad), "status": "skipped", "outcome": "skipped", "reason": bad, "test": bad + "2"}
    found = report([broken, aside], problems=[bad])
    found["environment"] |= {"devices": bad, "versions": {bad: bad}, "command": [bad]}
    row = {"target": "torch-cpu-float32-eager", "op": bad, "what": bad, "worst": "inf"}
    entry = {"target": bad, "id": f"{bad}: {bad}", "kind": bad, "at": bad, "obtained": bad, "truth": bad}
    curve = [{"target": bad, bad: bad, "step": i, "loss": loss} for i, loss in enumerate((1.0, "inf", "nan", -1, 0.5))]
    found["tables"] = {"ulp": [row], "catalogue": [entry], "curves" + bad: curve, bad: [{bad: bad}, {bad: 0.1 + 0.2}]}
    told = line(rng, bad, bad, bad, bad) | {"reasons": [bad]}
    told["commit"]["branch"] = told["machine"]["cpu"] = bad
    kernels = [told, {"schema": "dualfw-bench/1", "bench": None, "ratio": {"median": "nan"}, "roofline_pct": True}]
    return PageModel(found, kernels, _hostile_history(rng, bad), bad)


def _hostile_history(rng, bad):
    nights = history(rng, 2, 8)
    timeline = nights["timelines"][0]
    timeline |= {"key": bad, "branch": bad, "machine": {"cpu": bad}, "marks": [[3, bad]]}
    for run_ in timeline["runs"]:
        run_["started"], run_["commit"] = bad, bad
    for s in timeline["series"]:
        s["bench"] |= {"id": bad, "pass_": bad}
        s["status"] = [bad] * 8
        for c in s["changes"]:
            c |= {
                "id": bad,
                "tier": bad,
                "blame": bad,
                "beside": [bad],
                "acknowledged": {"who": bad, "why": bad, "when": bad},
            }
    nights["problems"] = [bad]
    return nights
