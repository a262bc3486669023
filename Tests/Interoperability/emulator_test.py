"""The emulator as boto3 sees it: every operation, errors, paging, and credentials from each place it plays.

emulator_test.py HOOKLINE: exits 0 when boto3 reads everything as it reads SageMaker.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import tempfile

import boto3
import botocore.config
import botocore.exceptions

REGION = "eu-west-1"
ONE_TRY = botocore.config.Config(retries={"total_max_attempts": 1})
DEFINITION = json.dumps({
    "Parameters": [{"Name": "Epochs", "Type": "Integer", "DefaultValue": 10}],
    "Steps": [{"Name": "Train", "Type": "Training"},
              {"Name": "Approve", "Type": "Callback", "SqsQueueUrl": "https://sqs/approvals"}]})


def start(hookline, folder):
    environment = {"PATH": os.environ["PATH"], "HOME": folder}
    process = subprocess.Popen(
        [hookline, "emulator", "--listen", "127.0.0.1:0", "--execution-seconds", "0"],
        env=environment, cwd=folder, stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    found = re.search(r"127\.0\.0\.1:\d+", line)
    if not found:
        raise SystemExit(f"the emulator did not start: {line}")
    return process, f"http://{found.group()}"


def expect(what, found, wanted):
    if found != wanted:
        raise SystemExit(f"{what}: expected {wanted!r}, found {found!r}")


def code_of(call, **members):
    try:
        call(**members)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return None


def client(endpoint, session=None):
    session = session or boto3.Session(
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    return session.client("sagemaker", endpoint_url=endpoint, region_name=REGION, config=ONE_TRY)


def operations(sagemaker):
    for _ in range(2):
        sagemaker.create_pipeline(PipelineName="churn", PipelineDefinition=DEFINITION,
                                  ClientRequestToken="c" * 32,
                                  RoleArn="arn:aws:iam::123456789012:role/pipelines")
    described = sagemaker.describe_pipeline(PipelineName="churn")
    expect("the definition", json.loads(described["PipelineDefinition"]), json.loads(DEFINITION))
    # botocore makes a token of its own.
    started = sagemaker.start_pipeline_execution(
        PipelineName="churn", PipelineParameters=[{"Name": "Epochs", "Value": "20"}])
    arn = started["PipelineExecutionArn"]
    execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    expect("the status", execution["PipelineExecutionStatus"], "Executing")
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    expect("the steps", [(s["StepName"], s["StepStatus"]) for s in steps],
           [("Train", "Succeeded"), ("Approve", "Executing")])
    token = steps[1]["Metadata"]["Callback"]["CallbackToken"]
    expect("a failure", sagemaker.send_pipeline_execution_step_failure(
        CallbackToken=token, FailureReason="no")["PipelineExecutionArn"], arn)
    execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    expect("the status", execution["PipelineExecutionStatus"], "Failed")
    sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=steps[1]["Metadata"]["Callback"]["CallbackToken"],
        OutputParameters=[{"Name": "by", "Value": "ada"}])
    execution = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    expect("the status", execution["PipelineExecutionStatus"], "Succeeded")
    expect("an error", code_of(sagemaker.stop_pipeline_execution, PipelineExecutionArn=arn),
           "ConflictException")
    for number in range(4):
        sagemaker.start_pipeline_execution(PipelineName="churn")
    pages = sagemaker.get_paginator("list_pipeline_executions").paginate(
        PipelineName="churn", PaginationConfig={"PageSize": 2})
    listed = [e["PipelineExecutionArn"] for page in pages for e in page["PipelineExecutionSummaries"]]
    expect("the executions listed", (len(listed), len(set(listed)), arn in listed), (5, 5, True))
    # botocore sends moments with the fraction of a second that they have.
    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)

    def listed(**members):
        found = sagemaker.list_pipeline_executions(PipelineName="churn", **members)
        return [e["PipelineExecutionArn"] for e in found["PipelineExecutionSummaries"]]

    expect("those since an hour", len(listed(CreatedAfter=now - hour)), 5)
    expect("those of the next hour", listed(CreatedAfter=now + hour), [])
    expect("those before an hour ago", listed(CreatedBefore=now - hour), [])
    moment = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["CreationTime"]
    expect("those before the first", listed(CreatedBefore=moment), [])
    expect("the order of ARNs", listed(SortBy="PipelineExecutionArn", SortOrder="Ascending"),
           sorted(listed()))
    running = sagemaker.start_pipeline_execution(PipelineName="churn")["PipelineExecutionArn"]
    expect("a stop", sagemaker.stop_pipeline_execution(
        PipelineExecutionArn=running)["PipelineExecutionArn"], running)


def newer_members(sagemaker):
    """The members that botocore has from 1.44.5 on."""
    shape = sagemaker.meta.service_model.operation_model("StartPipelineExecution").input_shape
    if not {"PipelineVersionAlias", "RoleArn"} <= set(shape.members):
        print("skipped aliases and managed pipelines, which this botocore does not know")
        return
    aliased = sagemaker.start_pipeline_execution(PipelineName="free", PipelineVersionAlias="prod")
    found = sagemaker.list_pipeline_executions(PipelineName="free", PipelineVersionAlias="prod")
    expect("those of an alias", [(e["PipelineExecutionArn"], e["PipelineVersionAliases"])
                                 for e in found["PipelineExecutionSummaries"]],
           [(aliased["PipelineExecutionArn"], ["prod"])])
    managed = f"arn:aws:sagemaker:{REGION}:aws:pipeline/ready"
    expect("a managed pipeline without a role",
           code_of(sagemaker.start_pipeline_execution, PipelineName=managed),
           "ValidationException")
    role = "arn:aws:iam::123456789012:role/runner"
    ready = sagemaker.start_pipeline_execution(PipelineName=managed, RoleArn=role)
    execution = sagemaker.describe_pipeline_execution(
        PipelineExecutionArn=ready["PipelineExecutionArn"])
    expect("a managed pipeline's execution", (execution["PipelineArn"], execution["RoleArn"]),
           (managed, role))


def errors(sagemaker, endpoint):
    expect("a missing pipeline", code_of(sagemaker.start_pipeline_execution,
                                         PipelineName="missing-one"), "ResourceNotFound")
    expect("a long name", code_of(sagemaker.start_pipeline_execution, PipelineName="churn",
                                  PipelineExecutionDisplayName="x" * 83), "ValidationException")
    stranger = client(endpoint, boto3.Session(aws_access_key_id="AKIDEXAMPLE",
                                              aws_secret_access_key="wrong"))
    expect("a wrong key", code_of(stranger.describe_pipeline, PipelineName="churn"),
           "InvalidSignatureException")


def credentials(endpoint):
    """Each place that the emulator plays gives botocore credentials that the emulator takes."""
    os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = endpoint
    client(endpoint, boto3.Session()).describe_pipeline(PipelineName="churn")
    os.environ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint + "/emulator/container-credentials"
    client(endpoint, boto3.Session()).describe_pipeline(PipelineName="churn")
    sts = boto3.client("sts", endpoint_url=endpoint, region_name=REGION,
                       aws_access_key_id="AKIDEXAMPLE",
                       aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    role = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/starter",
                           RoleSessionName="test")["Credentials"]
    client(endpoint, boto3.Session(
        role["AccessKeyId"], role["SecretAccessKey"],
        role["SessionToken"])).describe_pipeline(PipelineName="churn")
    web = sts.assume_role_with_web_identity(
        RoleArn="arn:aws:iam::123456789012:role/starter", RoleSessionName="test",
        WebIdentityToken="token")["Credentials"]
    client(endpoint, boto3.Session(
        web["AccessKeyId"], web["SecretAccessKey"],
        web["SessionToken"])).describe_pipeline(PipelineName="churn")
    oidc = boto3.client("sso-oidc", endpoint_url=endpoint, region_name=REGION)
    token = oidc.create_token(clientId="c", clientSecret="s", grantType="refresh_token",
                              refreshToken="r")
    expect("the token's type", (token["tokenType"], token["refreshToken"]), ("Bearer", "r"))
    sso = boto3.client("sso", endpoint_url=endpoint, region_name=REGION)
    found = sso.get_role_credentials(roleName="Starter", accountId="123456789012",
                                     accessToken=token["accessToken"])["roleCredentials"]
    client(endpoint, boto3.Session(
        found["accessKeyId"], found["secretAccessKey"],
        found["sessionToken"])).describe_pipeline(PipelineName="churn")


def main(hookline):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            del os.environ[name]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HOME"] = folder
        emulator, endpoint = start(hookline, folder)
        try:
            sagemaker = client(endpoint)
            operations(sagemaker)
            newer_members(sagemaker)
            errors(sagemaker, endpoint)
            credentials(endpoint)
        finally:
            emulator.terminate()
            emulator.wait()
    print("boto3 reads every operation, error and credential of the emulator")


main(os.path.abspath(sys.argv[1]))
