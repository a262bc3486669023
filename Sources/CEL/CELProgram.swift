/// A compiled expression; immutable, evaluated on several threads at once.
package struct CELProgram: Sendable {
    /// The slots of the variables that an evaluation can read.
    package let usesVariables: Set<Int>

    /// The expression's value.
    /// - Throws: ``CELError`` without a position.
    package func evaluate(_ activation: any CELActivation) throws(CELError) -> CELValue {
        throw .unboundVariable("")
    }
}

/// Gives the variables' values to an evaluation.
package protocol CELActivation {
    /// The variable's value, asked for when it is read; nil is an error of that evaluation.
    func value(ofVariable slot: Int) -> CELValue?
}
