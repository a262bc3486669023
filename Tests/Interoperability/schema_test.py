#!/usr/bin/env python3
"""Checks the JSON Schemas of deploy/schema with an independent validator.

    schema_test.py PATH-OF-HOOKLINE

Every example of deploy/ and of the documentation is valid, and so is each line of RIGHT; each of WRONG
is refused. Of RIGHT and WRONG `hookline check` says the same. Needs jsonschema and PyYAML; without
them, says so and exits 77.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError:
    print("jsonschema or PyYAML is not installed: skipped")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


class CoreLoader(yaml.BaseLoader):
    """YAML 1.2's core schema, in which `on` and a time are text."""


for tag, value, expression, first in [
        ("null", lambda text: None, r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
        ("bool", lambda text: text.lower() == "true", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
        ("int", int, r"^[-+]?[0-9]+$", list("-+0123456789")),
        ("float", float, r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789"))]:
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(expression), first)
    CoreLoader.add_constructor(
        f"tag:yaml.org,2002:{tag}", lambda loader, node, value=value: value(node.value))

START = "start: {PipelineName: p}"
RULE = "rules: [{name: a, source: github, %s}]"
SOURCE = "sources: {a: {type: github, secrets: [{env: A}], %s}}"

RIGHT = {
    "rules": [
        RULE % START,
        RULE % f"on: push, {START}",
        RULE % f"on: [push, change], {START}",
        RULE % ("on: {push: , change: {types: [merged], whenPathsUnknown: skip}}, " + START),
        RULE % 'start: {PipelineName: "${body.name}", PipelineParameters: {A: 1, B: true, C: 1.5}}',
        RULE % "start: {PipelineName: p, PipelineParameters: [{Name: A, Value: x}]}",
        RULE % 'start: {PipelineName: p, ParallelismConfiguration: {MaxParallelExecutionSteps: "4"}}',
        RULE % 'start: {PipelineName: p, PipelineParameters: "${body.parameters}"}',
        RULE % f"callback: {{url: 'https://a.example/x', on: failed}}, {START}",
        RULE % f"region: eu-west-1, emptyParameters: omit, let: {{x: '1'}}, when: x == 1, {START}",
        RULE % f"reply: 'on its way: ${{event.kind}}', {START}",
        RULE % f"reply: {{text: yes it is, visibility: public}}, {START}",
        "rules: []",
        f"rules: [{{name: a, source: github, {START}}}]\n"
        "tests: [{name: t, source: github, body: {}, expect: {a: [{PipelineName: p}, {}]}}]",
        "tests: [{name: t, source: github, body: {}, query: {a: 1}, client: {address: '::1'}, expect: {}}]",
        "tests: [{name: t, source: github, body: {}, client: {subject: CN=x, names: [x]}, expect: {}}]",
    ],
    "configuration": [
        SOURCE % "bodyLimit: 1MiB",
        SOURCE % "bodyLimit: 1000",
        SOURCE % "allowFrom: [10.0.0.0/8], trustedProxies: [unix, 10.0.0.1/32], rateLimit: 100/s",
        "listen: [127.0.0.1:0, 'unix:/tmp/x']\neventLoops: 2",
        "sources: {a: {type: hmac, secrets: [{file: /x, notAfter: 2027-01-01T00:00:00Z}], header: X-Signature}}",
        "sources: {a: {type: gitlab, secrets: [{env: A}], require: both}}",
        "sources: {a: {type: dockerhub, verification: none}}",
        "limits: {connections: 10, headerTimeout: 5s, minBodyRate: 0/s, expressionCost: 1000}",
        "limits: {connections: 0, headerTimeout: 0, bodyTimeout: 0s, targetBytes: 0, minBodyRate: 0}",
        "aws: {region: eu-west-1, maxInFlight: 1, startsPerSecond: 0}",
    ],
}

WRONG = {
    "rules": [
        "rule: []",
        "rules: {}",
        RULE % "when: 'true'",
        RULE % f"whne: 'true', {START}",
        f"rules: [{{name: A, source: github, {START}}}]",
        f"rules: [{{name: a, {START}}}]",
        RULE % f"on: pull_request, {START}",
        RULE % f"on: [], {START}",
        RULE % f"on: {{}}, {START}",
        RULE % f"on: {{push: {{branch: [main]}}}}, {START}",
        RULE % f"on: {{push: {{types: [publishd]}}}}, {START}",
        RULE % f"on: {{tag: {{branches: [main]}}}}, {START}",
        RULE % f"on: {{push: {{whenPathsUnknown: maybe}}}}, {START}",
        RULE % f"when: true, {START}",
        RULE % "start: {}",
        RULE % "start: {PipelineName: p, Pipeline: q}",
        RULE % "start: {PipelineName: '-p-'}",
        RULE % "start: {PipelineName: p, PipelineExecutionDisplayName: a_b}",
        RULE % "start: {PipelineName: p, PipelineParameters: [{Name: A, Vlaue: x}]}",
        RULE % "start: {PipelineName: p, PipelineParameters: {A: [1]}}",
        RULE % "start: {PipelineName: p, ParallelismConfiguration: {MaxParallelExecutionSteps: 0}}",
        RULE % "start: {PipelineName: p, ParallelismConfiguration: {MaxParallelExecutionSteps: many}}",
        RULE % "start: {PipelineName: p, ClientRequestToken: short}",
        RULE % f"region: EU, {START}",
        RULE % f"roleArn: me, {START}",
        RULE % f"callback: {{on: [failed]}}, {START}",
        RULE % f"callback: {{url: 'https://a.example', on: []}}, {START}",
        f"rules: [{{name: a, source: [], {START}}}]",
        "tests: [{name: a, source: github, body: {}, expect: {a: []}}]",
        RULE % f"callback: {{url: 'ftp://a.example'}}, {START}",
        RULE % f"callback: {{url: 'https://a.example', on: [done]}}, {START}",
        RULE % f"callback: {{url: 'https://a.example', format: xml}}, {START}",
        RULE % f"emptyParameters: keep, {START}",
        RULE % f"reply: {{visibility: public}}, {START}",
        "tests: [{name: a, source: github, expect: {}}]",
        "tests: [{name: a, source: github, payload: a.json, body: {}, expect: {}}]",
        "tests: [{name: a, source: github, body: {}}]",
        "tests: [{name: a, source: github, body: {}, query: [a], expect: {}}]",
        "tests: [{name: a, source: github, body: {}, client: {adress: a}, expect: {}}]",
        "tests: [{name: a, source: github, body: {}, expect: {a: {PipelineNam: p}}}]",
    ],
    "configuration": [
        "lisen: 127.0.0.1:0",
        "eventLoops: many",
        "listen: []",
        "sources: {a: {type: github, secrets: []}}",
        "eventLoops: 0",
        "store: mysql:x",
        "adminTokens: [abc]",
        "adminTokens: [{env: A, file: b}]",
        "sources: {a: {secrets: [{env: A}]}}",
        "sources: {a: {type: gihub, secrets: [{env: A}]}}",
        "sources: {a b: {type: github, secrets: [{env: A}]}}",
        SOURCE % "bodyLimit: 1MB",
        SOURCE % "bodyLimit: [1]",
        SOURCE % "path: hooks",
        SOURCE % "require: both",
        SOURCE % "header: x",
        SOURCE % "rateLimit: 100",
        "sources: {a: {type: github, verification: off}}",
        "sources: {a: {type: github, secrets: [{env: A, notAfter: tomorrow}]}}",
        "sources: {a: {type: hmac, secrets: [{env: A}], header: X-S, algorithm: md5}}",
        "limits: {connections: -1}",
        "limits: {connections: 10s}",
        "limits: {headerTimeout: 5}",
        "limits: {queuedStarts: 10s}",
        "limits: {headerTimeot: 5s}",
        "limits: {minBodyRate: 1KiB}",
        "limits: {expressionCost: 999}",
        "aws: {region: Europe}",
        "aws: {maxInFlight: 1001}",
        "callbacks: {allow: https://a.example/*}",
        "tls: {certificate: a.crt}",
        "retention: {deliveries: forever}",
    ],
}


def validators():
    files = {"rules": "rules.schema.json", "configuration": "hookline.schema.json"}
    result = {}
    for word, name in files.items():
        schema = json.loads((ROOT / "deploy/schema" / name).read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        result[word] = jsonschema.Draft202012Validator(schema)
    return result


def untyped(schema, path=""):
    """The paths of keys about which a schema says nothing at all."""
    found = []
    for name, value in schema.get("properties", {}).items():
        found += [f"{path}.{name}"] if value == {} else untyped(value, f"{path}.{name}")
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            found += untyped(schema[name], path + "[]")
    for name in ("anyOf", "oneOf"):
        for part in schema.get(name, []):
            found += untyped(part, path)
    return found


def examples():
    """(where, schema, text) of every file and block that is a rule file or a configuration."""
    for path in sorted(ROOT.glob("deploy/**/*.yaml")):
        yield str(path.relative_to(ROOT)), path.read_text()
    for path in [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]:
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", path.read_text(), re.S)):
            yield f"{path.relative_to(ROOT)} block {number}", block


def schema_of(document):
    if not isinstance(document, dict) or "apiVersion" in document:
        return None
    if isinstance(document.get("rules"), list) and any(isinstance(rule, dict) for rule in document["rules"]):
        return "rules"
    known = {"listen", "admin", "store", "rules", "aws", "callbacks", "sources", "limits", "tls"}
    return "configuration" if known & set(document) else None


def check(hookline, word, text):
    """Whether `hookline check` has nothing against a file."""
    with tempfile.TemporaryDirectory() as folder:
        directory = pathlib.Path(folder)
        rules = text if word == "rules" else ""
        sources = "sources: {github: {type: github, verification: none}}\naws: {region: eu-west-1}\n"
        sources += "callbacks: {signingSecrets: [{env: A}]}\n"
        configuration = text + "\n" if word == "configuration" else "rules: rules.yaml\n" + sources
        (directory / "rules.yaml").write_text(rules or "rules: []\n")
        (directory / "hookline.yaml").write_text(configuration)
        (directory / "a.json").write_text("{}")
        # Secrets are not looked up, so that only the text counts.
        run = subprocess.run([hookline, "test", "--config", "hookline.yaml"], cwd=folder,
                             capture_output=True, text=True)
        return run.returncode != 78, run.stderr.strip()


def main():
    hookline = str(pathlib.Path(sys.argv[1]).resolve())
    schemas = validators()
    faults = []
    counts = {"example": 0, "right": 0, "wrong": 0}
    for word, validator in schemas.items():
        faults += [f"{word}: nothing is said of {path}" for path in untyped(validator.schema)
                   if not path.endswith(".body")]
    for path in sorted(ROOT.glob("deploy/**/*.yaml")):
        line = re.match(r"# yaml-language-server: \$schema=(\S+)", path.read_text())
        if line and not (path.parent / line.group(1)).is_file():
            faults.append(f"{path.relative_to(ROOT)}: there is no {line.group(1)}")
    for where, text in examples():
        documents = [document for document in yaml.load_all(text, CoreLoader)]
        word = schema_of(documents[0]) if len(documents) == 1 else None
        if word is None:
            continue
        counts["example"] += 1
        for error in schemas[word].iter_errors(documents[0]):
            faults.append(f"{where}: {error.json_path}: {error.message[:200]}")
    for expected, table in ((True, RIGHT), (False, WRONG)):
        for word, texts in table.items():
            for text in texts:
                counts["right" if expected else "wrong"] += 1
                valid = schemas[word].is_valid(yaml.load(text, CoreLoader))
                if valid != expected:
                    faults.append(f"the schema {'takes' if valid else 'refuses'}: {text}")
                taken, message = check(hookline, word, text)
                if taken != expected:
                    faults.append(f"hookline {'takes' if taken else 'refuses'}: {text}\n    {message}")
    print("\n".join(faults))
    print(", ".join(f"{count} {name}" for name, count in counts.items()) + f", {len(faults)} faults")
    return 1 if faults or counts["example"] < 12 else 0


if __name__ == "__main__":
    sys.exit(main())
