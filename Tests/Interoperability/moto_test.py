"""One push through the real program to moto, an independent SageMaker whose signature check is on.

moto_test.py HOOKLINE: exits 0 when boto3 then sees exactly one execution with the right parameters.
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3

REGION = "eu-west-1"
SECRET = "It's a Secret to Everybody"
COMMIT = "f390b46af90f6190165f221aa4b782ca7a3d1fbf"
# These calls of the set-up are made before there is a user who could sign.
CALLS_WITHOUT_SIGNATURE = 3


def wait_for(what, probe, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = probe()
        if found:
            return found
        time.sleep(0.05)
    raise SystemExit(f"waited in vain for {what}")


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start_moto(folder):
    port = free_port()
    moto = subprocess.Popen(
        [str(pathlib.Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(CALLS_WITHOUT_SIGNATURE)},
        stdout=open(folder / "moto.log", "w"), stderr=subprocess.STDOUT)
    endpoint = f"http://127.0.0.1:{port}"

    def answers():
        try:
            return urllib.request.urlopen(endpoint + "/moto-api/", timeout=2).status == 200
        except OSError:
            return False

    wait_for("moto", answers)
    return moto, endpoint


def make_user(endpoint):
    iam = boto3.client("iam", endpoint_url=endpoint, region_name=REGION,
                       aws_access_key_id="none", aws_secret_access_key="none")
    iam.create_user(UserName="hookline")
    key = iam.create_access_key(UserName="hookline")["AccessKey"]
    policy = {"Version": "2012-10-17",
              "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="hookline", PolicyName="p", PolicyDocument=json.dumps(policy))
    return key["AccessKeyId"], key["SecretAccessKey"]


def write_configuration(folder, endpoint):
    (folder / "rules").mkdir()
    (folder / "rules" / "retrain.yaml").write_text("""rules:
  - name: retrain
    source: github
    on: {push: {branches: [main]}}
    start:
      PipelineName: churn-training
      PipelineExecutionDisplayName: main-${event.after.substring(0, 7)}
      PipelineParameters: {GitCommit: "${event.after}", Epochs: 20}
      ParallelismConfiguration: {MaxParallelExecutionSteps: 4}
""")
    (folder / "hookline.yaml").write_text(f"""listen: 127.0.0.1:0
admin: 127.0.0.1:0
rules: [rules/*.yaml]
aws: {{region: {REGION}, endpoint: "{endpoint}"}}
sources: {{github: {{type: github, secrets: [{{env: GITHUB_WEBHOOK_SECRET}}]}}}}
""")


def start_gateway(hookline, folder, key_id, secret_key):
    log = folder / "hookline.log"
    gateway = subprocess.Popen(
        [hookline, "serve", "--log-format", "json"], cwd=folder, stderr=open(log, "w"),
        env={"GITHUB_WEBHOOK_SECRET": SECRET, "AWS_ACCESS_KEY_ID": key_id,
             "AWS_SECRET_ACCESS_KEY": secret_key, "HOME": str(folder)})

    def address():
        for line in log.read_text().splitlines():
            if '"listening for webhooks"' in line:
                return json.loads(line)["address"]
        if gateway.poll() is not None:
            raise SystemExit(f"hookline ended: {log.read_text()}")

    return gateway, wait_for("the gateway", address)


def push(address, delivery):
    body = json.dumps({"ref": "refs/heads/main", "before": "1" * 40, "after": COMMIT,
                       "repository": {"full_name": "acme/churn"}, "commits": []}).encode()
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    connection = http.client.HTTPConnection(address, timeout=20)
    connection.request("POST", "/hooks/github", body, {
        "Content-Type": "application/json", "X-GitHub-Event": "push",
        "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": "sha256=" + digest})
    return connection.getresponse().status


def main(hookline):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        moto, endpoint = start_moto(folder)
        gateway = None
        try:
            key_id, secret_key = make_user(endpoint)
            client = boto3.client("sagemaker", endpoint_url=endpoint, region_name=REGION,
                                  aws_access_key_id=key_id, aws_secret_access_key=secret_key)
            client.create_pipeline(
                PipelineName="churn-training", ClientRequestToken="c" * 32,
                PipelineDefinition="{}", RoleArn="arn:aws:iam::123456789012:role/pipelines")
            # The check is really on: a wrong secret is refused.
            stranger = boto3.client("sagemaker", endpoint_url=endpoint, region_name=REGION,
                                    aws_access_key_id=key_id, aws_secret_access_key="wrong")
            try:
                stranger.list_pipelines()
                raise SystemExit("moto accepted a wrong secret; the test would prove nothing")
            except stranger.exceptions.ClientError:
                pass
            write_configuration(folder, endpoint)
            gateway, address = start_gateway(hookline, folder, key_id, secret_key)
            statuses = [push(address, "d-1"), push(address, "d-1")]
            assert statuses == [202, 200], statuses

            def executions():
                return client.list_pipeline_executions(
                    PipelineName="churn-training")["PipelineExecutionSummaries"]

            wait_for("an execution", executions)
            gateway.send_signal(signal.SIGTERM)
            assert gateway.wait(30) == 0, "the gateway did not end with 0"
            found = executions()
            assert len(found) == 1, f"{len(found)} executions"
            arn = found[0]["PipelineExecutionArn"]
            execution = client.describe_pipeline_execution(PipelineExecutionArn=arn)
            assert execution["PipelineExecutionDisplayName"] == "main-" + COMMIT[:7], execution
            assert execution["ParallelismConfiguration"] == {"MaxParallelExecutionSteps": 4}
            parameters = client.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
            values = {p["Name"]: p["Value"] for p in parameters["PipelineParameters"]}
            assert values == {"GitCommit": COMMIT, "Epochs": "20"}, values
            print(f"moto accepted the signature; boto3 sees one execution with {values}")
        finally:
            for process in [gateway, moto]:
                if process and process.poll() is None:
                    process.kill()
                    process.wait()


if __name__ == "__main__":
    main(sys.argv[1])
