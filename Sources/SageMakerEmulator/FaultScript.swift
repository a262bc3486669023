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
        let meant = faults.indices.filter { faults[$0].befalls(request, trace) }
        let position = meant.first { faults[$0].skip == 0 }
        for other in meant where faults[other].skip > 0 { faults[other].skip -= 1 }
        guard let position else { return nil }
        let fault = faults[position]
        if fault.times > 1 {
            faults[position].times -= 1
        } else {
            faults.remove(at: position)
        }
        return fault
    }
}
