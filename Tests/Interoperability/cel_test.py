#!/usr/bin/env python3
"""Compares Hookline's CEL with Google's C++ runtime on random expressions.

    cel_test.py PATH-OF-HOOKLINE [COUNT] [SEED]

Expressions are made from a grammar over bound variables, so that both sides evaluate, and each
is evaluated without the type checker's refusals counting: where one side has an error, so must
the other. Needs cel-expr-python; without it, says so and exits 77.
"""
import json
import math
import random
import subprocess
import sys

try:
    from cel_expr_python import cel
except ImportError:
    print("cel-expr-python is not installed: skipped")
    sys.exit(77)

VARIABLES = {"i": ("int", 3), "j": ("int", -7), "d": ("double", 2.5), "s": ("string", "abc"),
             "t": ("string", "bc"), "b": ("bool", True), "c": ("bool", False)}


class Maker:
    """Makes expressions of a type, `depth` levels deep."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def int(self, depth):
        if depth == 0:
            return self.pick("i", "j", "0", "1", "5", "-2", "9223372036854775807")
        a, b = (lambda: self.int(depth - 1)), (lambda: self.int(depth - 1))
        return self.pick(
            lambda: f"({a()} {self.pick('+', '-', '*', '/', '%')} {b()})",
            lambda: f"size({self.string(depth - 1)})", lambda: f"size({self.list(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {a()} : {b()})",
            lambda: f"{self.list(depth - 1)}[{a()}]", lambda: f"int({self.double(depth - 1)})")()

    def double(self, depth):
        if depth == 0:
            return self.pick("d", "0.0", "1.5", "-3.25", "1e300")
        return self.pick(
            lambda: f"({self.double(depth - 1)} {self.pick('+', '-', '*', '/')} {self.double(depth - 1)})",
            lambda: f"double({self.int(depth - 1)})", lambda: f"(-{self.double(depth - 1)})")()

    def string(self, depth):
        if depth == 0:
            return self.pick("s", "t", "''", "'é'", "'a b'", "'12'")
        return self.pick(
            lambda: f"({self.string(depth - 1)} + {self.string(depth - 1)})",
            lambda: f"string({self.int(depth - 1)})", lambda: f"string({self.bool(depth - 1)})",
            lambda: f"({self.bool(depth - 1)} ? {self.string(depth - 1)} : {self.string(depth - 1)})")()

    def list(self, depth):
        if depth == 0:
            return self.pick("[1, 2, 3]", "[i, j]", "[0]", "[5, 5]")
        return self.pick(
            lambda: f"{self.list(depth - 1)}.map(x, x + {self.int(depth - 1)})",
            lambda: f"{self.list(depth - 1)}.filter(x, x {self.pick('<', '>', '==')} {self.int(depth - 1)})",
            lambda: f"({self.list(depth - 1)} + {self.list(depth - 1)})")()

    def bool(self, depth):
        if depth == 0:
            return self.pick("b", "c", "true", "false")
        kind = self.pick("int", "double", "string")
        a, b = (getattr(self, kind)(depth - 1) for _ in range(2))
        return self.pick(
            lambda: f"({a} {self.pick('==', '!=', '<', '<=', '>', '>=')} {b})",
            lambda: f"({self.bool(depth - 1)} {self.pick('&&', '||')} {self.bool(depth - 1)})",
            lambda: f"!{self.bool(depth - 1)}",
            lambda: f"{self.string(depth - 1)}.{self.pick('contains', 'startsWith', 'endsWith')}({self.string(depth - 1)})",
            lambda: f"{self.list(depth - 1)}.{self.pick('exists', 'all', 'exists_one')}(x, x {self.pick('<', '>', '==')} {self.int(depth - 1)})",
            lambda: f"({self.int(depth - 1)} in {self.list(depth - 1)})")()


def ours(hookline, expressions):
    def tagged(kind, value):
        return {kind: value if kind in ("bool", "string") else str(value)}
    bindings = {name: tagged(*value) for name, value in VARIABLES.items()}
    lines = "".join(json.dumps({"expr": e, "bindings": bindings}) + "\n" for e in expressions)
    run = subprocess.run([hookline, "eval", "--lines"], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def plain(value):
    (kind, content), = value.items()
    if kind in ("int", "uint"):
        return int(content)
    if kind == "double":
        return float(content)
    if kind == "list":
        return [plain(element) for element in content]
    return content


def same(left, right):
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return type(left) is type(right) and left == right


def main():
    hookline = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    maker = Maker(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    expressions = [getattr(maker, maker.pick("int", "double", "string", "list", "bool"))(maker.pick(1, 2, 3))
                   for _ in range(count)]
    types = {"int": cel.Type.INT, "double": cel.Type.DOUBLE, "string": cel.Type.STRING, "bool": cel.Type.BOOL}
    env = cel.NewEnv(variables={name: types[kind] for name, (kind, _) in VARIABLES.items()})
    values = {name: value for name, (_, value) in VARIABLES.items()}
    differences = errors = 0
    for expression, answer in zip(expressions, ours(hookline, expressions)):
        try:
            theirs = env.compile(expression).eval(data=values)
            failed = theirs.type() == cel.Type.ERROR
            theirs = None if failed else theirs.plain_value()
        except Exception:  # noqa: BLE001 whatever the wheel throws is its error
            failed = True
        errors += failed
        if failed != ("error" in answer) or not failed and not same(plain(answer["value"]), theirs):
            differences += 1
            print(f"{expression}\n  ours {answer}\n  theirs {'an error' if failed else theirs!r}")
    print(f"{count} expressions, {errors} of them errors on both sides, {differences} differences")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
