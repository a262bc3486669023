/// Faults in their order. A request takes the first that is meant for it.
///
/// Only a request that would have been carried out takes any: one that is refused for its
/// signature or its members is not befallen.
package struct FaultScript: Sendable, Equatable {
    /// What is left.
    package private(set) var faults: [ScriptedFault]

    /// At most ``EmulatorLimits/faultsMax``.
    package init(_ faults: [ScriptedFault] = []) {
        self.faults = Array(faults.prefix(EmulatorLimits.faultsMax))
    }

    /// Appends another script.
    /// - Throws: ``EmulatorError/tooManyFaults(limit:)``, and nothing is appended.
    package mutating func append(_ more: FaultScript) throws(EmulatorError) {
        guard faults.count + more.faults.count <= EmulatorLimits.faultsMax else {
            throw .tooManyFaults(limit: EmulatorLimits.faultsMax)
        }
        faults += more.faults
    }

    /// The fault that befalls a request, used up once.
    mutating func take(for request: ServiceRequest, _ trace: CallTrace) -> ScriptedFault? {
        guard let position = faults.firstIndex(where: { $0.befalls(request, trace) }) else {
            return nil
        }
        let fault = faults[position]
        if fault.times > 1 {
            faults[position].times -= 1
        } else {
            faults.remove(at: position)
        }
        return fault
    }
}
