// swift-tools-version: 6.2
import PackageDescription

// One list of targets, from the bottom layer up. Imports go down only (docs/architecture.md).

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

func target(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    resources: [Resource]? = nil
) -> Target {
    .target(
        name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: [.target(name: name)] + dependencies,
        swiftSettings: settings)
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "hookline",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // Layer 0: C and C++ modules.
        .target(name: "CLinux"),
        .target(
            name: "COpenSSL", linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("curl")]),
        .target(
            name: "CSimdJSON",
            linkerSettings: [.linkedLibrary("simdjson"), .linkedLibrary("stdc++")]),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(
            name: "CRE2",
            linkerSettings: [.linkedLibrary("re2"), .linkedLibrary("stdc++")]),

        // Layer 1
        target("JSON", ["CSimdJSON"]),
        target("OpenSSLCrypto", ["COpenSSL"]),
        target("TLS", ["COpenSSL"]),
        target("EventPoll", ["CLinux"]),
        target("HTTP1"),
        target("Metrics"),

        // Layer 2
        target("CEL", ["JSON", "OpenSSLCrypto", "CRE2"]),
        target(
            "SageMakerAPI", ["JSON", "CRE2"],
            resources: [.embedInCode("pipeline-operations.json")]),
        target("Webhook", ["JSON", "OpenSSLCrypto", "HTTP1"]),
        target("HTTPServer", ["HTTP1", "TLS", "EventPoll", "CLinux"]),
        target("HTTPClient", ["CCurl", "EventPoll"]),

        // Layer 3
        target("Events", ["JSON", "CEL", "Webhook"]),
        target("Journal", ["EventPoll"]),
        target(
            "SageMakerClient",
            ["SageMakerAPI", "OpenSSLCrypto", "JSON", "HTTPClient", "EventPoll"]),

        target(
            "Rules",
            ["CEL", "Events", "SageMakerAPI", "JSON", "OpenSSLCrypto", "EventPoll", yams]),

        // Layer 4
        target(
            "Intake",
            [
                "HTTPServer", "HTTP1", "Webhook", "JSON", "CEL", "Events", "Rules", "Journal",
                "Metrics", "OpenSSLCrypto", "EventPoll", "TLS", logging,
            ]),
        target(
            // Not "Dispatch": Foundation imports libdispatch's module of that name.
            "Outbound",
            [
                "HTTPClient", "SageMakerClient", "SageMakerAPI", "Webhook", "Journal", "JSON",
                "EventPoll", "Metrics", "OpenSSLCrypto", logging,
            ]),
        target("SQLiteJournal", ["CSQLite", "Journal", "EventPoll", grdb]),
        target(
            "Admin",
            ["HTTPServer", "HTTP1", "JSON", "Journal", "Metrics", "OpenSSLCrypto", "Webhook"]),

        target(
            "SageMakerEmulator",
            [
                "HTTPServer", "HTTP1", "SageMakerAPI", "SageMakerClient", "JSON", "OpenSSLCrypto",
                "EventPoll", "Journal",
            ]),

        // Layer 5
        .executableTarget(
            name: "hookline",
            dependencies: [
                "Intake", "Outbound", "Admin", "SageMakerEmulator", "SQLiteJournal", "Rules",
                "Events",
                "Journal", "SageMakerAPI", "SageMakerClient", "HTTPClient", "HTTPServer", "HTTP1",
                "Webhook",
                "JSON", "CEL",
                "Metrics", "EventPoll", "OpenSSLCrypto", "TLS", "CLinux", argumentParser, logging,
            ],
            swiftSettings: settings),

        .executableTarget(
            name: "cel-benchmark", dependencies: ["CEL", "Events", "JSON", "Rules"],
            path: "Benchmarks/cel",
            exclude: ["anchor.py", "counts"],
            swiftSettings: settings),

        // Tests
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        tests("JSON", []),
        tests("OpenSSLCrypto", []),
        tests("TLS", []),
        tests("EventPoll", []),
        tests("HTTP1", []),
        tests("Metrics", []),
        tests("Webhook", ["OpenSSLCrypto", "HTTP1"]),
        tests("HTTPServer", ["HTTP1", "EventPoll", "TLS", "TestSupport"]),
        tests("HTTPClient", ["EventPoll"]),
        tests("Journal", []),
        .target(
            name: "JournalConformance", dependencies: ["Journal"], path: "Tests/JournalConformance",
            swiftSettings: settings),
        tests("SQLiteJournal", ["Journal", "JournalConformance", grdb]),
        tests("CEL", ["JSON"]),
        tests("Events", ["CEL", "HTTP1", "JSON", "OpenSSLCrypto", "Webhook"]),
        tests(
            "Intake",
            [
                "Events", "EventPoll", "HTTP1", "HTTPServer", "Journal", "JournalConformance",
                "Metrics", "OpenSSLCrypto", "Rules", "TestSupport", "Webhook", logging,
            ]),
        tests(
            "Admin",
            [
                "HTTP1", "HTTPServer", "JSON", "Journal", "Metrics", "OpenSSLCrypto", "TestSupport",
            ]),
        tests("Rules", ["CEL", "Events", "SageMakerAPI", "JSON"]),
        tests("SageMakerAPI", ["JSON"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "hookline", "HTTPServer", "HTTP1", "JSON", "Webhook", "OpenSSLCrypto",
                "TestSupport",
            ],
            swiftSettings: settings),
        tests(
            "SageMakerClient",
            ["SageMakerAPI", "OpenSSLCrypto", "JSON", "HTTP1", "HTTPClient", "EventPoll"]),
        tests(
            "Outbound",
            [
                "EventPoll", "HTTPClient", "HTTPServer", "HTTP1", "Journal", "JournalConformance",
                "Metrics",
                "OpenSSLCrypto", "SageMakerAPI", "SageMakerClient", logging,
            ]),
        tests(
            "SageMakerEmulator",
            [
                "HTTPServer", "HTTP1", "SageMakerAPI", "SageMakerClient", "JSON", "OpenSSLCrypto",
                "TestSupport",
            ]),
    ],
    cxxLanguageStandard: .cxx17
)
