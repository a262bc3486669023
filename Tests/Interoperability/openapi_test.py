#!/usr/bin/env python3
"""Checks openapi.yaml with an independent validator of OpenAPI 3.1.

    openapi_test.py [DOCUMENT]

A schema may have any keywords, so there the validator takes the rest of a text that has a comma and no
quotes for a keyword without a value; each of those is told too. Needs openapi-spec-validator and PyYAML;
without them, says so and exits 77.
"""
import pathlib
import sys

try:
    import openapi_spec_validator
    import yaml
except ImportError:
    print("openapi-spec-validator or PyYAML is not installed: skipped")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]


def keys_without_value(value, path=""):
    if isinstance(value, dict):
        for key, inner in value.items():
            if inner is None:
                yield f"{path}/{key}: no value"
            yield from keys_without_value(inner, f"{path}/{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from keys_without_value(inner, f"{path}/{position}")


def main():
    name = sys.argv[1] if len(sys.argv) > 1 else ROOT / "openapi.yaml"
    document = yaml.safe_load(pathlib.Path(name).read_text())
    faults = [
        f"/{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in openapi_spec_validator.OpenAPIV31SpecValidator(document).iter_errors()]
    faults += keys_without_value(document)
    for fault in faults:
        print(fault)
    print(f"{len(document['paths'])} paths, {len(faults)} faults")
    return 1 if faults else 0


sys.exit(main())
