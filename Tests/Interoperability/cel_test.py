#!/usr/bin/env python3
"""Compares Hookline's CEL with Google's C++ runtime on random expressions.

    cel_test.py PATH-OF-HOOKLINE [COUNT] [SEED]

Expressions are made from a grammar over bound variables: the core language, the extensions that
both have (strings, math, encoders, bindings, optionals), timestamps with zones, and durations.
Where one side has an error, so must the other. Left out is where the C++ runtime is known to differ
from cel-go: fractions and short years in texts of times, doubles and broken UTF-8 in '%s', spaces in
base64, splitting nothing, a substring up to the end, a binding behind a loop in another branch.

Needs cel-expr-python; without it, says so and exits 77.
"""
import base64
import json
import math
import random
import subprocess
import sys

try:
    from cel_expr_python import cel
    from cel_expr_python.ext import (ext_bindings, ext_encoders, ext_math, ext_optional,
                                     ext_strings)
except ImportError:
    print("cel-expr-python is not installed: skipped")
    sys.exit(77)

EXTENSIONS = [ext_bindings.ExtBindings(), ext_encoders.ExtEncoders(), ext_math.ExtMath(),
              ext_optional.ExtOptional(), ext_strings.ExtStrings()]
VARIABLES = {"i": ("int", 3), "j": ("int", -7), "d": ("double", 2.5), "s": ("string", "abc"),
             "t": ("string", "bc"), "b": ("bool", True), "c": ("bool", False)}


class Maker:
    """Makes expressions of a type, `depth` levels deep."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def pick(self, *choices):
        return self.random.choice(choices)

    def one(self, *makers):
        """What one of the makers gives; the others are not run."""
        return self.random.choice(makers)()

    def int(self, depth):
        if depth == 0:
            return self.pick("i", "j", "0", "1", "5", "-2", "9223372036854775807")
        d = depth - 1
        a, b = (lambda: self.int(d)), (lambda: self.int(d))
        return self.one(
            lambda: f"({a()} {self.pick('+', '-', '*', '/', '%')} {b()})",
            lambda: f"size({self.string(d)})", lambda: f"size({self.list(d)})",
            lambda: f"({self.bool(d)} ? {a()} : {b()})",
            lambda: f"{self.list(d)}[{a()}]", lambda: f"int({self.double(d)})",
            lambda: f"int({self.uint(d)})", lambda: f"int({self.string(d)})",
            lambda: f"{self.string(d)}.{self.pick('indexOf', 'lastIndexOf')}({self.string(d)})",
            lambda: f"{self.string(d)}.{self.pick('indexOf', 'lastIndexOf')}({self.string(d)}, {a()})",
            lambda: f"math.{self.pick('greatest', 'least', 'bitOr', 'bitAnd', 'bitXor', 'bitShiftLeft', 'bitShiftRight')}({a()}, {b()})",
            lambda: f"math.{self.pick('abs', 'sign', 'bitNot')}({a()})",
            lambda: f"cel.bind(v, {a()}, v {self.pick('+', '-', '*')} v)",
            lambda: f"{self.optional(d)}.orValue({a()})", lambda: f"{self.optional(d)}.value()",
            lambda: f"{{'a': {a()}, {self.string(d)}: {b()}}}.size()",
            lambda: f"{self.timestamp(d)}.{self.getter()}({self.zone()})",
            lambda: f"{self.duration(d)}.{self.pick('getHours', 'getMinutes', 'getSeconds')}()",
            lambda: f"int({self.timestamp(d)})", lambda: f"size({self.bytes(d)})")

    def getter(self):
        return self.pick("getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek",
                         "getDayOfYear", "getHours", "getMinutes", "getSeconds", "getMilliseconds")

    def zone(self):
        return self.pick("", "'UTC'", "'Europe/Berlin'", "'America/New_York'", "'Asia/Kolkata'", "'+05:30'",
                         "'-00:30'", "'02:00'", "'Australia/Lord_Howe'", "'US/Central'", "'Mars/Base'")

    def timestamp(self, depth):
        if depth == 0:
            return self.pick(
                "timestamp('2026-03-29T00:59:59.5Z')", "timestamp('1969-12-31T23:59:59Z')",
                "timestamp('2024-02-29T12:00:00+13:45')", "timestamp('1000-01-01T00:00:00Z')",
                "timestamp('9999-12-31T23:59:59.999999999Z')", "timestamp(1700000000)",
                "timestamp('2026-10-25T01:30:00.123456789Z')", "timestamp('1900-03-01T00:00:00Z')")
        d = depth - 1
        return self.one(lambda: f"({self.timestamp(d)} {self.pick('+', '-')} {self.duration(d)})",
                        lambda: f"timestamp(string({self.timestamp(d)}))",
                        lambda: f"timestamp({self.int(d)})")

    def duration(self, depth):
        if depth == 0:
            return self.pick("duration('1h30m')", "duration('-1.5s')", "duration('0')", "duration('250ms')",
                             "duration('1000000h')", "duration('1ns')", "duration('2540400h10m10.000000001s')")
        d = depth - 1
        return self.one(lambda: f"({self.duration(d)} {self.pick('+', '-')} {self.duration(d)})",
                        lambda: f"({self.timestamp(d)} - {self.timestamp(d)})",
                        lambda: f"duration(string({self.duration(d)}))")

    def uint(self, depth):
        if depth == 0:
            return self.pick("0u", "1u", "7u", "18446744073709551615u")
        d = depth - 1
        return self.one(lambda: f"({self.uint(d)} {self.pick('+', '-', '*', '/', '%')} {self.uint(d)})",
                        lambda: f"uint({self.int(d)})", lambda: f"uint({self.double(d)})",
                        lambda: f"math.{self.pick('greatest', 'least', 'bitAnd', 'bitOr')}({self.uint(d)}, {self.uint(d)})")

    def bytes(self, depth):
        if depth == 0:
            return self.pick("b''", "b'abc'", "b'\\xff\\x00'", "bytes(s)")
        d = depth - 1
        return self.one(lambda: f"({self.bytes(d)} + {self.bytes(d)})", lambda: f"bytes({self.string(d)})",
                        lambda: f"base64.decode({self.pick('YWJj', 'YWI', 'YQ==', '12', 'a', 'YW Jj!', '')!r})",
                        lambda: f"base64.decode(base64.encode({self.bytes(d)}))")

    def optional(self, depth):
        if depth == 0:
            return self.pick("optional.of(i)", "optional.none()", "optional.ofNonZeroValue(0)", "[1, 2][?1]",
                             "{'a': 1}.?a", "{'a': 1}.?b", "[1][?5]", "{1: 2}[?1]")
        d = depth - 1
        return self.one(lambda: f"{self.optional(d)}.or({self.optional(d)})",
                        lambda: f"optional.of({self.int(d)})", lambda: f"optional.ofNonZeroValue({self.int(d)})",
                        lambda: f"{self.list(d)}[?{self.int(d)}]",
                        lambda: f"{self.optional(d)}.optMap(o, o + {self.int(d)})",
                        lambda: f"{self.optional(d)}.optFlatMap(o, {self.optional(d)})",
                        lambda: f"{{?'a': {self.optional(d)}, 'b': 1}}.?a")

    def double(self, depth):
        if depth == 0:
            return self.pick("d", "0.0", "1.5", "-3.25", "1e300", "-0.5", "2.5", "1e-7")
        d = depth - 1
        return self.one(
            lambda: f"({self.double(d)} {self.pick('+', '-', '*', '/')} {self.double(d)})",
            lambda: f"double({self.int(d)})", lambda: f"(-{self.double(d)})",
            lambda: f"double({self.uint(d)})", lambda: f"double({self.string(d)})",
            lambda: f"math.{self.pick('ceil', 'floor', 'round', 'trunc', 'abs', 'sign', 'sqrt')}({self.double(d)})",
            lambda: f"math.{self.pick('greatest', 'least')}({self.double(d)}, {self.double(d)})")

    def string(self, depth):
        if depth == 0:
            return self.pick("s", "t", "''", "'\u00e9'", "'a b'", "'12'", "'a,b,,c'", "'YWJj'", "'\U0001f600z'", "' \\t x '", "'1.5'")
        d = depth - 1
        a, b, n = (lambda: self.string(d)), (lambda: self.string(d)), (lambda: self.int(d))
        return self.one(
            lambda: f"({a()} + {b()})",
            lambda: f"string({getattr(self, self.pick('int', 'bool', 'uint', 'double', 'bytes'))(d)})",
            lambda: f"string(timestamp({self.pick('i', '0', '-1', '1700000000', '253402300799', '253402300800')}))",
            lambda: f"({self.bool(d)} ? {a()} : {b()})",
            lambda: f"{a()}.charAt({n()})", lambda: f"{a()}.substring({n()})",
            lambda: f"{a()}.substring({n()}, {self.pick('-1', '0', '99')})",
            lambda: f"'abcdef'.substring({n()}, 4)", lambda: f"{a()}.replace({b()}, {self.string(0)})",
            lambda: f"{a()}.replace({b()}, {self.string(0)}, {n()})",
            lambda: f"{a()}.{self.pick('trim', 'lowerAscii', 'upperAscii', 'reverse')}()",
            lambda: f"strings.quote({a()})", lambda: f"{self.strings(d)}.join({self.pick('', self.string(0))})",
            lambda: f"base64.encode({self.bytes(d)})",
            lambda: f"'{self.pick('%s', '%d', '%x', '%X', '%o', '%b', '<%s>%%')}'.format([{self.pick(self.int, self.string, self.bool, self.uint)(d)}])",
            lambda: f"'%{self.pick('.2', '.0', '.5', '')}{self.pick('f', 'e')}'.format([{self.double(d)}])",
            lambda: f"'%s'.format([{self.pick(self.list, self.strings, self.uint)(d)}])")

    def strings(self, depth):
        if depth == 0:
            return self.pick("['a', 'b']", "[s, t]", "['']", "['x']")
        d = depth - 1
        return self.one(lambda: f"{self.string(d)}.split({self.pick(',', 'b', 'zz')!r})",
                        lambda: f"{self.string(d)}.split(',', {self.int(d)})",
                        lambda: f"{self.strings(d)}.map(x, x + {self.string(d)})",
                        lambda: f"{self.strings(d)}.filter(x, x.size() > {self.int(0)})")

    def list(self, depth):
        if depth == 0:
            return self.pick("[1, 2, 3]", "[i, j]", "[0]", "[5, 5]")
        d = depth - 1
        return self.one(
            lambda: f"{self.list(d)}.map(x, x + {self.int(d)})",
            lambda: f"{self.list(d)}.map(x, x > {self.int(0)}, x * 2)",
            lambda: f"{self.list(d)}.filter(x, x {self.pick('<', '>', '==')} {self.int(d)})",
            lambda: f"[?{self.optional(d)}, {self.int(d)}]",
            lambda: f"({self.list(d)} + {self.list(d)})")

    def bool(self, depth):
        if depth == 0:
            return self.pick("b", "c", "true", "false")
        d = depth - 1
        kind = self.pick("int", "double", "string", "uint", "bytes", "timestamp", "duration", "bool")
        a, b = (getattr(self, kind)(d) for _ in range(2))
        return self.one(
            lambda: f"({a} {self.pick('==', '!=', '<', '<=', '>', '>=')} {b})",
            lambda: f"(dyn({self.int(d)}) {self.pick('==', '<', '>=')} dyn({self.pick(self.double, self.uint)(d)}))",
            lambda: f"({self.bool(d)} {self.pick('&&', '||')} {self.bool(d)})",
            lambda: f"!{self.bool(d)}", lambda: f"bool({self.string(d)})",
            lambda: f"{self.string(d)}.{self.pick('contains', 'startsWith', 'endsWith')}({self.string(d)})",
            lambda: f"{self.string(d)}.matches({self.pick('^a', '[0-9]+', 'b$', '.', '(?i)AB')!r})",
            lambda: f"{self.list(d)}.{self.pick('exists', 'all', 'exists_one')}(x, x {self.pick('<', '>', '==')} {self.int(d)})",
            lambda: f"({self.int(d)} in {self.list(d)})", lambda: f"{self.optional(d)}.hasValue()",
            lambda: f"({self.list(d)} == {self.list(d)})", lambda: f"({self.optional(d)} == {self.optional(d)})",
            lambda: f"math.{self.pick('isNaN', 'isInf', 'isFinite')}({self.double(d)})",
            lambda: f"('a' in {{'a': {self.int(d)}, {self.string(d)}: 1}})",
            lambda: f"has({{'a': {{'b': {self.int(d)}}}}}.a.{self.pick('b', 'c')})",
            lambda: f"(type({self.pick(self.int, self.double, self.string, self.list)(d)}) == {self.pick('int', 'double', 'string', 'list')})")


def ours(hookline, expressions):
    def tagged(kind, value):
        return {kind: value if kind in ("bool", "string") else str(value)}
    bindings = {name: tagged(*value) for name, value in VARIABLES.items()}
    types = [{"name": name, "ident": kind} for name, (kind, _) in VARIABLES.items()]
    lines = "".join(json.dumps({"expr": e, "bindings": bindings, "type_env": types}) + "\n" for e in expressions)
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
    if kind == "bytes":
        return base64.b64decode(content)
    return content


def same(left, right):
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, bytes):
        return left == bytes(right)
    return type(left) is type(right) and left == right


def main():
    hookline = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    maker = Maker(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    expressions = [getattr(maker, maker.pick("int", "double", "string", "list", "bool", "uint", "bytes",
                                            "strings"))(maker.pick(1, 2, 3))
                   for _ in range(count)]
    types = {"int": cel.Type.INT, "double": cel.Type.DOUBLE, "string": cel.Type.STRING, "bool": cel.Type.BOOL}
    env = cel.NewEnv(variables={name: types[kind] for name, (kind, _) in VARIABLES.items()},
                     extensions=EXTENSIONS)
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
