"""What botocore would do, as one JSON object: the endpoint of every region and variant, and signed
requests of many keys, bodies and moments. Read by OracleTests; nothing is sent anywhere."""

import datetime
import json
import random
from unittest import mock

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.endpoint_provider
import botocore.session


def endpoints():
    loader = botocore.session.get_session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    regions = [name for part in partitions["partitions"] for name in part["regions"]
               if name != "aws-global"]
    # Regions that nobody has announced: the partition follows from the form of the name.
    regions += ["us-west-9", "mx-central-7", "cn-south-3", "us-gov-north-4", "us-iso-south-2",
                "us-isob-north-5", "eu-isoe-north-1", "us-isof-west-3", "eusc-de-west-2",
                "moon-base-1", "cn-x", "us-gov-x", "cn-north-1a"]
    for service in ["sagemaker", "sts", "sso", "sso-oidc"]:
        provider = botocore.endpoint_provider.EndpointProvider(
            ruleset_data=loader.load_service_model(service, "endpoint-rule-set-1"),
            partition_data=partitions)
        more = {"UseGlobalEndpoint": False} if service == "sts" else {}
        for region in regions:
            for fips in [False, True]:
                for dual in [False, True]:
                    url = provider.resolve_endpoint(
                        Region=region, UseFIPS=fips, UseDualStack=dual, **more).url
                    yield {"service": service, "region": region, "fips": fips, "dual": dual,
                           "url": url + "/"}


def text(rng, alphabet, least, most):
    return "".join(rng.choice(alphabet) for _ in range(rng.randint(least, most)))


def signatures():
    rng = random.Random(20261126)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    base64 = letters + letters.lower() + "+/="
    for number in range(200):
        key, secret = "AKIA" + text(rng, letters, 12, 30), text(rng, base64, 1, 60)
        token = text(rng, base64, 1, 1200) if number % 2 else None
        region = rng.choice(["eu-west-1", "us-east-1", "cn-north-1", "us-gov-west-1"])
        host = rng.choice(["api.sagemaker.%s.amazonaws.com" % region, "127.0.0.1:5000",
                           "[::1]:8443", "proxy.internal:80"])
        scheme = "https" if number % 3 else "http"
        path = rng.choice(["/", "/", "/stage/", "/a/b-c_d~e/"])
        body = json.dumps({"PipelineName": "churn", "ClientRequestToken": text(rng, letters, 32, 128),
                           "PipelineExecutionDescription": text(rng, "aé日😀\\\"\n ", 0, 40)},
                          ensure_ascii=bool(number % 5))
        seconds = rng.randint(0, 253402300799)
        moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        request = botocore.awsrequest.AWSRequest(
            method="POST", url=f"{scheme}://{host}{path}", data=body.encode(),
            headers={"Content-Type": "application/x-amz-json-1.1",
                     "X-Amz-Target": "SageMaker.StartPipelineExecution"})
        signer = botocore.auth.SigV4Auth(
            botocore.credentials.Credentials(key, secret, token), "sagemaker", region)
        with frozen(moment):
            signer.add_auth(request)
        yield {"key": key, "secret": secret, "token": token, "region": region,
               "endpoint": f"{scheme}://{host}{path}", "body": body, "seconds": seconds,
               "date": request.headers["X-Amz-Date"],
               "authorization": request.headers["Authorization"]}


def frozen(moment):
    """Botocore's clock at a moment, under whichever of its names this version has."""
    if hasattr(botocore.auth, "get_current_datetime"):
        return mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: moment.replace(tzinfo=None))
    clock = mock.Mock(wraps=datetime.datetime)
    clock.utcnow = lambda: moment.replace(tzinfo=None)
    return mock.patch("botocore.auth.datetime.datetime", clock)


def operations():
    """The members of each request by the installed botocore's model, to see what AWS has added."""
    model = botocore.session.get_session().get_service_model("sagemaker")
    for name in ["StartPipelineExecution", "DescribePipeline", "StopPipelineExecution",
                 "RetryPipelineExecution", "ListPipelineExecutions", "DescribePipelineExecution"]:
        yield name, sorted(model.operation_model(name).input_shape.members)


print(json.dumps({"version": botocore.__version__, "endpoints": list(endpoints()),
                  "signatures": list(signatures()), "operations": dict(operations())}))
