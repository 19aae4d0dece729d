"""The parts of a script, by framework. ``script.py`` joins those it needs and fills in what begins with ``$``."""

SETUP = {
    "torch": "",
    "jax": """
${platform}jax.config.update("jax_enable_x64", True)
jax.config.update("jax_default_matmul_precision", "highest")
""",
}

DATA = """

def show_entry(function, arguments):
    # The inputs, each exactly as the target rounded it, and the cotangents of the outputs.
    leaves = [
$leaves    ]
    cotangents = [
$cotangents    ]
    differentiated = $differentiated
"""

# A mode makes of a function what is run: the function itself, or its compiled form.
EAGER = """
    def eager(f):
        return f
"""
MODES = {
    ("torch", "eager"): EAGER,
    ("torch", "jit"): """
    def jit(f):
        import torch._functorch.config

        torch._functorch.config.donated_buffer = False  # else a graph serves one backward pass only
        return torch.compile(f, fullgraph=True, dynamic=False, backend="$backend")
""",
    ("jax", "eager"): EAGER,
    ("jax", "jit"): """
    jit = jax.jit
""",
}

OUTPUTS = {
    "torch": """
    def tensors(arrays, dtype):
        \"\"\"Floating ones in this dtype, complex ones in that of its precision.\"\"\"
        double = dtype == "float64"
        torch.set_default_dtype(torch.float64 if double else torch.float32)
        made = [torch.tensor(x, device="$device") for x in arrays]
        made = [x.to(getattr(torch, dtype)) if x.is_floating_point() else x for x in made]
        made = [x.to(torch.complex128 if double else torch.complex64) if x.is_complex() else x for x in made]
        return [x.requires_grad_() if i in differentiated else x for i, x in enumerate(made)]

    def outputs(f, given):
        torch.manual_seed(20)
        given = [x.clone() for x in given]${lay_out}
        out = f(*arguments(given))
        return $outputs
""",
    "jax": """
    def tensors(arrays, dtype):
        \"\"\"Floating ones in this dtype, complex ones in that of its precision.\"\"\"
        jax.config.update("jax_enable_x64", dtype == "float64")
        made = [jax.numpy.asarray(x) for x in arrays]
        return [x.astype(dtype) if jax.numpy.issubdtype(x.dtype, jax.numpy.floating) else x for x in made]

    def outputs(f, given):
        out = f(*arguments(given))
        return $outputs
""",
}

# What ``Framework.laid_out`` does, by its layouts.
LAY_OUT = """
        given = [{} if x.is_floating_point() or x.is_complex() else x for x in given]"""
LAYOUTS = {
    "": "",
    "strided": LAY_OUT.format("(torch.stack([x, x], dim=-1)[..., 0] if x.dim() else x)"),
    "transposed": LAY_OUT.format("(x.mT.contiguous().mT if x.dim() > 1 else x)"),
}

GRADIENTS = {
    "torch": """
    def gradients(mode, dtype, changes=(lambda g: g,)):
        \"\"\"The gradients by leaf, for each change of the cotangents, all of one graph.\"\"\"
        given = tensors(leaves, dtype)
        roots = [given[i] for i in differentiated]
        outs = outputs(mode(function), given)
        linked = [(y, torch.tensor(g).to(y)) for y, g in zip(outs, cotangents) if y.requires_grad]
        if not linked:
            return [dict.fromkeys(differentiated) for _ in changes]
        ends, starts = zip(*linked)
        seeds = [[change(g) for g in starts] for change in changes]
        found = [torch.autograd.grad(ends, roots, g, retain_graph=True, allow_unused=True) for g in seeds]
        return [dict(zip(differentiated, d)) for d in found]
""",
    "jax": """
    def gradients(mode, dtype, changes=(lambda g: g,)):
        \"\"\"The gradients by leaf, for each change of the cotangents.\"\"\"

        def pull(given, starts):
            def of(roots):
                changed = dict(zip(differentiated, roots))
                return outputs(function, [changed.get(i, x) for i, x in enumerate(given)])

            outs, pullback = jax.vjp(of, [given[i] for i in differentiated])
            (found,) = pullback([g.astype(y.dtype) for y, g in zip(outs, starts)])
            # JAX's gradient of a complex input is the conjugate
            return {i: jax.numpy.conj(d) for i, d in zip(differentiated, found)}

        given = tensors(leaves, dtype)
        return [mode(pull)(given, [numpy.conj(change(g)) for g in cotangents]) for change in changes]
""",
}

NUMBER = """
    def number(x, entry):
        return None if x is None else x[entry].item()
"""

WEIGHED = {
    "torch": """
    def weighed(arrays):
        \"\"\"Re sum(conj(g) y) over the outputs y and their cotangents g, in float64.\"\"\"
        outs = outputs(function, tensors(arrays, "float64"))
        return sum((torch.tensor(g).to(y).conj() * y).sum().real.item() for y, g in zip(outs, cotangents))
""",
    "jax": """
    def weighed(arrays):
        \"\"\"Re sum(conj(g) y) over the outputs y and their cotangents g, in float64.\"\"\"
        outs = outputs(function, tensors(arrays, "float64"))
        return sum(float(numpy.vdot(g, y).real) for y, g in zip(outs, cotangents))
""",
}

CENTRAL_DIFFERENCE = """
    def central_difference(leaf, entry):
        x = leaves[leaf]
        h = 1e-6 * float(max(abs(x[entry]), 1e-3 * numpy.sqrt(numpy.mean(abs(x) ** 2))) or 1.0)

        def at(step):
            moved = [numpy.array(x) for x in leaves]
            moved[leaf][entry] += step
            return weighed(moved)

        return $slope
"""
SLOPES = {
    "real": "(at(h) - at(-h)) / (2 * h)",
    "complex": "complex(*[(at(h * z) - at(-h * z)) / (2 * h) for z in (1, 1j)])",
}

# The gradient as a function, which ``show_entry`` is given where the second order is wrong.
GRADIENT_OF = {
    "torch": """

def gradient_of(function, arguments):
    \"\"\"The gradients at these cotangents, as a function of the leaves.\"\"\"
    cotangents = [
$inner_cotangents    ]

    def gradient(*leaves):
        out = function(*arguments(leaves))
        linked = [(y, torch.tensor(g).to(y)) for y, g in zip($inner_outputs, cotangents) if y.requires_grad]
        ends, starts = zip(*linked)
        roots = [leaves[i] for i in $differentiated]
        found = torch.autograd.grad(ends, roots, starts, create_graph=True, allow_unused=True)
        return [torch.zeros_like(x) if d is None else d for x, d in zip(roots, found)]

    return gradient
""",
    "jax": """

def gradient_of(function, arguments):
    \"\"\"The gradients at these cotangents, as a function of the leaves.\"\"\"
    cotangents = [
$inner_cotangents    ]

    def gradient(*leaves):
        def outputs(roots):
            changed = dict(zip($differentiated, roots))
            out = function(*arguments([changed.get(i, x) for i, x in enumerate(leaves)]))
            return $inner_outputs

        outs, pullback = jax.vjp(outputs, [leaves[i] for i in $differentiated])
        (found,) = pullback([jax.numpy.conj(g).astype(y.dtype) for y, g in zip(outs, cotangents)])
        return [jax.numpy.conj(d) for d in found]

    return gradient
""",
}

ENTRY = """
    leaf, entry = $leaf, $entry
"""
# For a check that names no entry.
SEARCH = """
    def off(leaf, entry):
        return abs((number(found[leaf], entry) or 0.0) - central_difference(leaf, entry))

    # Of these entries the one whose gradient is furthest from its central difference.
    names = $names
    found = gradients($mode, "$dtype")[0]
    entries = [(leaf, entry) for leaf in names for entry in numpy.ndindex(leaves[leaf].shape)]
    leaf, entry = max(entries[:: 1 + len(entries) // 500], key=lambda at: numpy.nan_to_num(off(*at), nan=numpy.inf))
    name = f"{names[leaf]}{list(entry) or ''}"
"""
TWICE = """
    once, again = gradients($mode, "$dtype", (lambda g: g, lambda g: $scaled))
"""
# In torch's eager mode in another layout in memory too.
SCALED = {
    ("torch", "eager"): "torch.stack([-2 * g, -2 * g], dim=-1)[..., 0]",
    ("torch", "jit"): "-2 * g",
    ("jax", "eager"): "-2 * g",
    ("jax", "jit"): "-2 * g",
}
# What the function, or its backward pass, must not write to.
WRITTEN_ARGUMENT = """
    given = [x.detach().clone() for x in tensors(leaves, "$dtype")]
    before = [x.clone() for x in given]
    $mode(function)(*arguments(given))
"""
WRITTEN_COTANGENT = """
    given = tensors(leaves, "$dtype")
    outs = outputs($mode(function), given)
    starts = [torch.tensor(g).to(y) for y, g in zip(outs, cotangents)]
    before = [g.clone() for g in starts]
    torch.autograd.grad(outs, [given[i] for i in differentiated], starts, allow_unused=True)
"""

# By what is shown: the parts, and a label and an expression for each line that is printed.
DIFFERENCE = (GRADIENTS, NUMBER, WEIGHED, CENTRAL_DIFFERENCE)
PARTS: dict[str, tuple[str | dict[str, str], ...]] = {
    "gradient": (*DIFFERENCE, ENTRY),
    "searched": (*DIFFERENCE, SEARCH),
    "scaled": (GRADIENTS, NUMBER, ENTRY, TWICE),
    "value": (NUMBER,),
    "shape": (),
    "argument": (WRITTEN_ARGUMENT,),
    "cotangent": (WRITTEN_COTANGENT,),
}
OBTAINED = ("obtained", 'number(gradients($mode, "$dtype")[0][leaf], entry)')
CENTRAL = ("central difference", "central_difference(leaf, entry)")
ROWS = {
    "gradient": (OBTAINED, CENTRAL),
    "searched": (OBTAINED, CENTRAL),
    "scaled": (
        ("obtained", "number(again[leaf], entry)"),
        ("-2 times the gradient", "-2 * number(once[leaf], entry)"),
    ),
    "value": (
        ("obtained", 'number(outputs($mode(function), tensors(leaves, "$dtype"))[0], $entry)'),
        ("in eager float64", 'number(outputs(function, tensors(leaves, "float64"))[0], $entry)'),
    ),
    "shape": (("obtained", 'tuple(outputs($mode(function), tensors(leaves, "$dtype"))[0].shape)'),),
    "argument": (("before", "before[$leaf]"), ("after", "given[$leaf]")),
    "cotangent": (("before", "before"), ("after", "starts")),
}
