#!/usr/bin/env python3
"""Times Google's C++ CEL runtime (PyPI: cel-expr-python) on the expressions of cel-benchmark.

The figures include a call from Python, about 0.2 us.
"""
import timeit

from cel_expr_python import cel

PUSH = {
    "ref": "refs/heads/main", "after": "b" * 40,
    "repository": {"full_name": "example/churn", "default_branch": "main"},
    "commits": [
        {"id": str(c) * 40, "message": f"Change number {c}",
         "modified": ["training/model.py" if (c, f) == (7, 4) else f"docs/page{c}/{f}.md" for f in range(5)]}
        for c in range(10)],
}
RULE = ("body.ref == 'refs/heads/main' && "
        "body.commits.exists(c, c.modified.exists(f, f.startsWith('training/')))")

env = cel.NewEnv(variables={"body": cel.Type.DYN})


def best(body):
    count, _ = timeit.Timer(body).autorange()
    return min(timeit.repeat(body, number=count, repeat=7)) / count * 1e6


for source in ("body.ref == 'refs/heads/main'", RULE, "body.repository.full_name.matches('^example/.*$')"):
    program = env.compile(source)
    activation = env.Activation({"body": PUSH}) if hasattr(env, "Activation") else None
    run = (lambda: program.eval(activation)) if activation else (lambda: program.eval(data={"body": PUSH}))
    print(f"evaluate  {source[:48]:<50}{best(run):8.2f} us")
    print(f"compile   {source[:48]:<50}{best(lambda: env.compile(source)):8.2f} us")
