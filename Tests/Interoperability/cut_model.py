"""Cuts the operations that Hookline knows, and the shapes they reach, out of botocore's model of
SageMaker, and writes them as Sources/SageMakerAPI/pipeline-operations.json has them:

    cut_model.py > pipeline-operations.json            of the installed botocore
    cut_model.py MODEL [OPERATION…] > …                of a file in botocore's form

Without names the operations are those that the file in the sources has now, so a member that AWS
has added is a run of this; a new operation is its name behind the model.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
OURS = HERE.parent.parent / "Sources/SageMakerAPI/pipeline-operations.json"


def model(path):
    if path:
        with open(path, encoding="utf-8") as file:
            return json.load(file), None
    import botocore
    import botocore.session
    loader = botocore.session.get_session().get_component("data_loader")
    return loader.load_service_model("sagemaker", "service-2"), botocore.__version__


def reached(shapes, name, found):
    """The names of the shapes behind a name, in the order in which they are met."""
    if name in found:
        return
    found[name] = None
    shape = shapes[name]
    parts = list(shape.get("members", {}).values())
    parts += [shape[part] for part in ["member", "key", "value"] if part in shape]
    for part in parts:
        reached(shapes, part["shape"], found)


def plain(value):
    """A copy without documentation, which is always text where it is one."""
    if isinstance(value, dict):
        return {key: plain(member) for key, member in value.items()
                if not (key == "documentation" and isinstance(member, str))}
    return [plain(element) for element in value] if isinstance(value, list) else value


def line(value):
    return json.dumps(value, ensure_ascii=False)


def block(members, indent, deep=()):
    pad = " " * indent
    rows = []
    for key, value in members.items():
        text = block(value, indent + 2) if key in deep else line(value)
        rows.append(f"{pad}  {line(key)}: {text}")
    return "{\n" + ",\n".join(rows) + f"\n{pad}}}"


def shape_text(shape):
    return block(shape, 4, deep=["members"]) if shape.get("members") else line(shape)


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else None
    names = sys.argv[2:] or list(json.loads(OURS.read_text(encoding="utf-8"))["operations"])
    source, version = model(path)
    origin = f"botocore {version} data/sagemaker/2017-07-24/service-2.json(.gz)" if version \
        else source.get("source", str(path))
    kept = ["apiVersion", "endpointPrefix", "jsonVersion", "protocol", "signingName", "targetPrefix"]
    shapes, operations = {}, {}
    for name in names:
        operation = plain(source["operations"][name])
        operations[name] = {part: operation[part] for part in ["input", "output", "errors"]
                            if part in operation}
        for part in [operation.get("input"), operation.get("output"), *operation.get("errors", [])]:
            if part:
                reached(source["shapes"], part["shape"], shapes)
    head = {"source": origin,
            "licence": "Apache-2.0; Copyright Amazon.com, Inc. or its affiliates",
            "metadata": {key: source["metadata"][key] for key in kept}}
    rows = [f"  {line(key)}: " + (block(value, 2) if key == "metadata" else line(value))
            for key, value in head.items()]
    rows.append('  "operations": {\n' + ",\n".join(
        f"    {line(name)}: " + block(operation, 4) for name, operation in operations.items()) + "\n  }")
    rows.append('  "shapes": {\n' + ",\n".join(
        f"    {line(name)}: " + shape_text(plain(source["shapes"][name])) for name in shapes) + "\n  }")
    print("{\n" + ",\n".join(rows) + "\n}")


main()
