/// The functions of one name and form: all their numbers of arguments and overloads.
struct FunctionGroup: Sendable {
    fileprivate(set) var functions: [Function] = []
    fileprivate(set) var signatures: [Signature] = []

    /// How a message says how many arguments can be given, a receiver left out.
    var argumentCountText: String {
        functions.map(\.argumentCountText).sorted().joined(separator: " or ")
    }

    /// How a message says what the overloads take.
    var expectation: String {
        let shown = signatures.prefix(4).map { signature in
            "(" + signature.parameters.map(\.description).joined(separator: ", ")
                + (signature.isVariadic ? "..." : "") + ")"
        }
        let more = signatures.count > shown.count ? " or others" : ""
        return shown.joined(separator: " or ") + more
    }
}

/// The functions that expressions can call, with their overloads.
package struct FunctionLibrary: Sendable {
    /// The standard functions and their extensions.
    package static let standard = FunctionLibrary(groups: [:], names: []).adding(
        [
            StandardFunctions.all, ConversionFunctions.all, TextFunctions.all, TimeFunctions.all,
            OptionalFunctions.all, MathFunctions.all, EncodingFunctions.all, ListFunctions.all,
            WebhookFunctions.all, VersionFunctions.all,
        ].flatMap { $0 },
        declaredAs: [
            StandardSignatures.functions, StandardSignatures.time, StandardSignatures.text,
            StandardSignatures.math, StandardSignatures.lists, StandardSignatures.optionals,
            WebhookFunctions.signatures, VersionFunctions.signatures,
        ].joined(separator: "\n"))

    /// The overloads of the operators, by name.
    static let operators: [String: [Signature]] = Dictionary(
        grouping: FunctionDeclaration.list(StandardSignatures.operators), by: \.name
    ).mapValues { $0.map(\.signature) }

    private struct Key: Hashable {
        let name: String
        let isReceiverStyle: Bool
    }

    private var groups: [Key: FunctionGroup]
    /// The distinct names, for suggestions.
    private(set) var names: [String]

    private init(groups: [Key: FunctionGroup], names: [String]) {
        self.groups = groups
        self.names = names
    }

    /// A library with more functions.
    /// - Parameter declarations: Their overloads, one a line, as ``FunctionDeclaration`` reads them.
    package func adding(
        _ functions: [Function], declaredAs declarations: String
    ) -> FunctionLibrary {
        var library = self
        for function in functions {
            let key = Key(name: function.name, isReceiverStyle: function.isReceiverStyle)
            library.groups[key, default: FunctionGroup()].functions.append(function)
        }
        for declaration in FunctionDeclaration.list(declarations) {
            let key = Key(name: declaration.name, isReceiverStyle: declaration.isReceiverStyle)
            library.groups[key, default: FunctionGroup()].signatures.append(declaration.signature)
        }
        library.names = Set(library.groups.keys.map(\.name)).sorted()
        return library
    }

    /// A library that also knows the types of functions which nothing implements, so that they can
    /// be checked and not called.
    package func declaring(_ declarations: [FunctionDeclaration]) -> FunctionLibrary {
        var library = self
        for declaration in declarations {
            let name = declaration.name
            let key = Key(name: name, isReceiverStyle: declaration.isReceiverStyle)
            library.groups[key, default: FunctionGroup()].signatures.append(declaration.signature)
            library.groups[key, default: FunctionGroup()].functions.append(
                Function(
                    name: name, isReceiverStyle: declaration.isReceiverStyle,
                    implementation: .fixed(declaration.signature.parameters.count) {
                        (_, _) throws(CELError) in
                        throw .invalidArgument(function: name, reason: "it is only declared")
                    }))
        }
        library.names = Set(library.groups.keys.map(\.name)).sorted()
        return library
    }

    func group(_ name: String, isReceiverStyle: Bool) -> FunctionGroup? {
        groups[Key(name: name, isReceiverStyle: isReceiverStyle)]
    }

    /// Whether functions are named `NAMESPACE.…`.
    func hasNamespace(_ namespace: String) -> Bool {
        names.contains { $0.hasPrefix(namespace + ".") }
    }

    /// Every overload, by name.
    package var declarations: [FunctionDeclaration] {
        groups.sorted {
            ($0.key.name, $0.key.isReceiverStyle ? 1 : 0) < (
                $1.key.name, $1.key.isReceiverStyle ? 1 : 0
            )
        }
        .flatMap { key, group in
            group.signatures.map {
                FunctionDeclaration(
                    name: key.name, isReceiverStyle: key.isReceiverStyle, signature: $0)
            }
        }
    }

    /// Every function with the numbers of arguments it takes that has no overload, and every
    /// overload without a function; empty unless the tables disagree.
    package var disagreements: [String] {
        groups.flatMap { key, group in
            let undeclared = group.functions.filter { function in
                !group.signatures.contains { function.accepts(argumentCount: $0.parameters.count) }
            }
            let missing = group.signatures.filter { signature in
                !group.functions.contains { $0.accepts(argumentCount: signature.parameters.count) }
            }
            return undeclared.map { "\($0.name) is not declared" }
                + missing.map { "\(key.name)(\($0.parameters)) is not implemented" }
        }
    }

    /// The same name in its other form, or in a namespace, or else one that looks like it.
    func suggestion(for callee: NameScope.Callee) -> String? {
        let name = callee.name
        if group(name, isReceiverStyle: !callee.hasReceiver) != nil {
            return callee.hasReceiver ? "\(name)(value)" : "value.\(name)"
        }
        return names.first { $0.hasSuffix("." + name) }
            ?? nearestName(to: name, among: names + ["has", "all", "exists", "filter", "map"])
    }
}
