import SageMakerClient
import Testing

@Suite struct ResolverTests {
    private func shared(
        config: String, environment: [String: String] = [:]
    ) throws -> SharedConfiguration {
        try SharedConfiguration(
            environment: environment.merging(["AWS_CONFIG_FILE": "config"]) { $1 },
            read: { path in path == "config" ? Array(config.utf8) : nil })
    }

    @Test func `the region is the first that somebody names`() throws {
        let shared = try shared(config: "[default]\nregion = sa-east-1\n")
        let arn = "arn:aws:sagemaker:us-west-2:123456789012:pipeline/churn"
        let all = ["AWS_REGION": "eu-north-1", "AWS_DEFAULT_REGION": "eu-south-1"]
        func region(
            rule: String?, pipeline: String, configured: String?, _ environment: [String: String]
        ) throws -> String {
            try RegionResolver(configured: configured, environment: environment, shared: shared)
                .region(rule: rule, pipeline: pipeline)
        }
        #expect(try region(rule: "ca-west-1", pipeline: "a", configured: "x", all) == "ca-west-1")
        #expect(try region(rule: nil, pipeline: arn, configured: "x", all) == "us-west-2")
        #expect(try region(rule: "us-west-2", pipeline: arn, configured: "x", all) == "us-west-2")
        #expect(try region(rule: nil, pipeline: "a", configured: "x", all) == "x")
        #expect(try region(rule: nil, pipeline: "a", configured: nil, all) == "eu-north-1")
        var fewer = all
        fewer["AWS_REGION"] = ""
        #expect(try region(rule: nil, pipeline: "a", configured: nil, fewer) == "eu-south-1")
        #expect(try region(rule: nil, pipeline: "a", configured: nil, [:]) == "sa-east-1")
    }

    @Test func `a rule's region that is not the pipeline's is refused`() throws {
        let resolver = try RegionResolver(configured: "eu-west-1", environment: [:], shared: nil)
        let error = SageMakerClientError.regionMismatch(rule: "eu-west-1", pipeline: "us-west-2")
        #expect(throws: error) {
            try resolver.region(
                rule: "eu-west-1",
                pipeline: "arn:aws:sagemaker:us-west-2:123456789012:pipeline/churn")
        }
        #expect(
            error.description == "the region is eu-west-1, but the pipeline's ARN is in us-west-2")
    }

    @Test func `without a region the places are told`() throws {
        let resolver = try RegionResolver(configured: nil, environment: [:], shared: nil)
        #expect(resolver.fallback == nil)
        #expect(
            throws: SageMakerClientError.noRegion(lookedAt: [
                "the rule's region", "the pipeline's ARN", "aws.region", "AWS_REGION",
                "AWS_DEFAULT_REGION", "the profile's region",
            ])
        ) { try resolver.region(rule: nil, pipeline: "churn") }
    }

    @Test func `a region is one label of a host`() throws {
        func resolver(_ region: String) throws(SageMakerClientError) -> RegionResolver {
            try RegionResolver(configured: region, environment: [:], shared: nil)
        }
        let longest = String(repeating: "a", count: 63)
        #expect(try resolver(longest).fallback == longest)
        for region in [longest + "a", "", "EU-west-1", "a.b", "a/b", "-a", "a-", "é"] {
            #expect(throws: SageMakerClientError.invalidRegion(source: "aws.region")) {
                try resolver(region)
            }
        }
        #expect(throws: SageMakerClientError.invalidRegion(source: "AWS_REGION")) {
            try RegionResolver(configured: nil, environment: ["AWS_REGION": "x y"], shared: nil)
        }
    }

    // Made with botocore 1.43.11's endpoint rule set: plain, dual stack, FIPS, both. For the
    // regions of iso-e and iso-f botocore's own client knows no dual stack; those suffixes are
    // from its partitions.json.
    @Test(arguments: [
        (
            "eu-west-1", "api.sagemaker.eu-west-1.amazonaws.com",
            "api.sagemaker.eu-west-1.api.aws", "api-fips.sagemaker.eu-west-1.amazonaws.com",
            "api.sagemaker-fips.eu-west-1.api.aws"
        ),
        (
            "mars-north-9", "api.sagemaker.mars-north-9.amazonaws.com",
            "api.sagemaker.mars-north-9.api.aws",
            "api-fips.sagemaker.mars-north-9.amazonaws.com",
            "api.sagemaker-fips.mars-north-9.api.aws"
        ),
        (
            "us-gov-west-1", "api.sagemaker.us-gov-west-1.amazonaws.com",
            "api.sagemaker.us-gov-west-1.api.aws",
            "api-fips.sagemaker.us-gov-west-1.amazonaws.com",
            "api.sagemaker-fips.us-gov-west-1.api.aws"
        ),
        (
            "cn-north-1", "api.sagemaker.cn-north-1.amazonaws.com.cn",
            "api.sagemaker.cn-north-1.api.amazonwebservices.com.cn",
            "api.sagemaker-fips.cn-north-1.amazonaws.com.cn",
            "api.sagemaker-fips.cn-north-1.api.amazonwebservices.com.cn"
        ),
        (
            "eusc-de-east-1", "api.sagemaker.eusc-de-east-1.amazonaws.eu",
            "api.sagemaker.eusc-de-east-1.api.amazonwebservices.eu",
            "api.sagemaker-fips.eusc-de-east-1.amazonaws.eu",
            "api.sagemaker-fips.eusc-de-east-1.api.amazonwebservices.eu"
        ),
        (
            "us-iso-east-1", "api.sagemaker.us-iso-east-1.c2s.ic.gov",
            "api.sagemaker.us-iso-east-1.api.aws.ic.gov",
            "api.sagemaker-fips.us-iso-east-1.c2s.ic.gov",
            "api.sagemaker-fips.us-iso-east-1.api.aws.ic.gov"
        ),
        (
            "us-isob-east-1", "api.sagemaker.us-isob-east-1.sc2s.sgov.gov",
            "api.sagemaker.us-isob-east-1.api.aws.scloud",
            "api.sagemaker-fips.us-isob-east-1.sc2s.sgov.gov",
            "api.sagemaker-fips.us-isob-east-1.api.aws.scloud"
        ),
        (
            "eu-isoe-west-1", "api.sagemaker.eu-isoe-west-1.cloud.adc-e.uk",
            "api.sagemaker.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
            "api.sagemaker-fips.eu-isoe-west-1.cloud.adc-e.uk",
            "api.sagemaker-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk"
        ),
        (
            "us-isof-south-1", "api.sagemaker.us-isof-south-1.csp.hci.ic.gov",
            "api.sagemaker.us-isof-south-1.api.aws.hci.ic.gov",
            "api.sagemaker-fips.us-isof-south-1.csp.hci.ic.gov",
            "api.sagemaker-fips.us-isof-south-1.api.aws.hci.ic.gov"
        ),
    ])
    func `an endpoint has the names of its partition`(
        region: String, plain: String, dualStack: String, fips: String, both: String
    ) throws {
        func host(fips: String, dualStack: String) throws -> String {
            let environment = [
                "AWS_USE_FIPS_ENDPOINT": fips, "AWS_USE_DUALSTACK_ENDPOINT": dualStack,
            ]
            let endpoint = try EndpointResolver(
                configured: nil, environment: environment, shared: nil
            ).endpoint(region: region)
            #expect(endpoint.url == "https://\(endpoint.host)/")
            return endpoint.host
        }
        #expect(try host(fips: "", dualStack: "false") == plain)
        #expect(try host(fips: "", dualStack: "true") == dualStack)
        #expect(try host(fips: "True", dualStack: "") == fips)
        #expect(try host(fips: "true", dualStack: "true") == both)
    }

    @Test func `an endpoint of one's own is the first that somebody names`() throws {
        let config = """
            [default]
            services = local
            endpoint_url = http://e

            [services local]
            sagemaker =
              endpoint_url = http://d
            """
        let shared = try shared(config: config)
        let all = ["AWS_ENDPOINT_URL_SAGEMAKER": "http://b", "AWS_ENDPOINT_URL": "http://c"]
        func url(
            _ configured: String?, _ environment: [String: String], _ shared: SharedConfiguration?
        ) throws -> String {
            try EndpointResolver(
                configured: configured, environment: environment, shared: shared
            ).endpoint(region: "eu-west-1").url
        }
        #expect(try url("http://a", all, shared) == "http://a/")
        #expect(try url(nil, all, shared) == "http://b/")
        #expect(try url(nil, ["AWS_ENDPOINT_URL": "http://c"], shared) == "http://c/")
        #expect(try url(nil, [:], shared) == "http://d/")
        let plain = try self.shared(config: "[default]\nendpoint_url = http://e\n")
        #expect(try url(nil, [:], plain) == "http://e/")
        var ignoring = all
        ignoring["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true"
        let own = "https://api.sagemaker.eu-west-1.amazonaws.com/"
        #expect(try url(nil, ignoring, shared) == own)
        #expect(try url("http://a", ignoring, shared) == "http://a/")
        let ignored = try self.shared(
            config: "[default]\nendpoint_url = http://e\nignore_configured_endpoint_urls = true\n")
        #expect(try url(nil, all, ignored) == own)
    }

    @Test func `an endpoint of one's own excludes AWS's variants`() throws {
        for variable in ["AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT"] {
            #expect(
                throws: SageMakerClientError.endpointExcludesVariant(source: "aws.endpoint")
            ) {
                try EndpointResolver(
                    configured: "http://a", environment: [variable: "true"], shared: nil)
            }
        }
        let profile = try shared(config: "[default]\nuse_fips_endpoint = true\n")
        let resolver = try EndpointResolver(configured: nil, environment: [:], shared: profile)
        #expect(
            try resolver.endpoint(region: "eu-west-1").host
                == "api-fips.sagemaker.eu-west-1.amazonaws.com")
        let off = try EndpointResolver(
            configured: nil, environment: ["AWS_USE_FIPS_ENDPOINT": "false"], shared: profile)
        #expect(
            try off.endpoint(region: "eu-west-1").host == "api.sagemaker.eu-west-1.amazonaws.com")
    }

    @Test(arguments: [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/", "127.0.0.1:5000", false),
        ("HTTPS://Example.COM", "https://example.com/", "example.com", true),
        ("https://example.com:443/", "https://example.com/", "example.com", true),
        ("http://example.com:80", "http://example.com/", "example.com", false),
        ("https://example.com:80", "https://example.com:80/", "example.com:80", true),
        (
            "http://my_service:65535//a//b", "http://my_service:65535/a/b/", "my_service:65535",
            false
        ),
        ("http://[::1]", "http://[::1]/", "[::1]", false),
        ("http://[FD00:EC2::23]:1/X", "http://[fd00:ec2::23]:1/X/", "[fd00:ec2::23]:1", false),
    ])
    func `reads endpoints`(text: String, url: String, host: String, isTLS: Bool) throws {
        let endpoint = try Endpoint(text, from: "aws.endpoint")
        #expect(endpoint.url == url)
        #expect(endpoint.host == host)
        #expect(endpoint.isTLS == isTLS)
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com", "http:/example.com", "http://", "https:///x",
        "http://user@example.com", "http://a:b@example.com", "http://example.com?x",
        "http://example.com#x", "http://exa mple.com", "http://example.com\r\nX: y",
        "http://éxample.com", "http://example.com:", "http://example.com:0",
        "http://example.com:65536", "http://example.com:123456", "http://example.com:-1",
        "http://example.com:+1", "http://[::1", "http://[]", "http://[abc]", "http://[::1]x",
        "http://[::g]", "http://-a", "http://.a", "http://a/../b", "http://a/./b", "http://a%20b",
        "http://a\\b",
    ])
    func `refuses what is no endpoint`(text: String) {
        #expect(throws: SageMakerClientError.self) { try Endpoint(text, from: "aws.endpoint") }
    }

    @Test func `an endpoint's URL is bounded`() throws {
        let front = "http://example.com/"
        let longest = front + String(repeating: "a", count: 2048 - front.utf8.count)
        _ = try Endpoint(longest, from: "x")
        #expect(
            throws: SageMakerClientError.invalidEndpoint(
                source: "x", expected: "a URL of at most 2048 visible ASCII characters")
        ) { try Endpoint(longest + "a", from: "x") }
    }
}
