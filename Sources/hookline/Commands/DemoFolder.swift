import Foundation
import OpenSSLCrypto
import SageMakerEmulator
import Webhook

/// The demo's files: a configuration, a rule, a payload and the store, in a folder of their own.
struct DemoFolder {
    private let folder: URL
    private let secret: String
    private let callbackSecret: String

    var configuration: URL { folder.appendingPathComponent("hookline.yaml") }
    var rule: URL { folder.appendingPathComponent("rules/retrain.yaml") }
    var payload: URL { folder.appendingPathComponent("push.json") }

    init(endpoint: String, callback: String) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("hookline-demo-\(ProcessInfo.processInfo.processIdentifier)")
        secret = hexEncoded(randomBytes(16))
        callbackSecret = "whsec_" + base64Encoded(randomBytes(24))
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("rules"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try Data(Self.configurationText(endpoint: endpoint).utf8).write(to: configuration)
        try Data(Self.ruleText(callback: callback).utf8).write(to: rule)
        try Data(Self.payload).write(to: payload)
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// What the configuration's `env:` references and the AWS settings are taken from: nothing of
    /// the user's own environment, so that no real credentials are ever used.
    var environment: [String: String] {
        [
            "GITHUB_WEBHOOK_SECRET": secret, "HOOKLINE_CALLBACK_SECRET": callbackSecret,
            "AWS_ACCESS_KEY_ID": EmulatorOptions.demoAccessKeyID,
            "AWS_SECRET_ACCESS_KEY": EmulatorOptions.demoSecretAccessKey,
        ]
    }

    /// The payload's `X-Hub-Signature-256`.
    var signature: String { SignatureScheme.gitHub.sign(Self.payload, with: Secret(secret)) }

    private static func configurationText(endpoint: String) -> String {
        """
        listen: 127.0.0.1:0
        admin: 127.0.0.1:0
        store: sqlite:hookline.db
        rules: [rules/*.yaml]
        aws: {region: eu-west-1, endpoint: "\(endpoint)"}
        callbacks:
          signingSecrets: [{env: HOOKLINE_CALLBACK_SECRET}]
          allowNetworks: [127.0.0.0/8]
        sources:
          github: {type: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}

        """
    }

    static func ruleText(callback: String) -> String {
        """
        rules:
          - name: retrain-on-main
            source: github
            on: {push: {branches: [main], paths: ["training/**"]}}
            when: '!event.head.message.contains("[skip ci]")'
            start:
              PipelineName: churn-training
              PipelineExecutionDisplayName: main-${event.after.substring(0, 7)}
              PipelineParameters: {GitCommit: "${event.after}", Epochs: 20}
            callback: {url: "\(callback)", on: [started, failed]}

        """
    }

    static let payload = Array(
        #"""
        {"ref":"refs/heads/main","before":"51de2b835bd35a67eb32dbcd3d77d4b96e5aa39d",
         "after":"f390b46af90f6190165f221aa4b782ca7a3d1fbf","created":false,"deleted":false,"forced":false,
         "repository":{"id":771204385,"full_name":"acme/churn-model","private":true,
           "html_url":"https://github.com/acme/churn-model","default_branch":"main",
           "clone_url":"https://github.com/acme/churn-model.git"},
         "pusher":{"name":"mara-acme"},"sender":{"login":"mara-acme","id":10583326,"type":"User"},
         "head_commit":{"id":"f390b46af90f6190165f221aa4b782ca7a3d1fbf",
           "message":"Weigh recent months more in the churn features",
           "timestamp":"2026-03-02T09:41:07+01:00",
           "author":{"name":"Mara Lindqvist","email":"mara@acme.example"}},
         "commits":[{"id":"f390b46af90f6190165f221aa4b782ca7a3d1fbf",
           "message":"Weigh recent months more in the churn features",
           "added":["training/features/recency.py"],"removed":[],"modified":["training/train.py"]}]}
        """#.utf8)
}
