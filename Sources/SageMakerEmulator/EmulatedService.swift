internal import SageMakerClient
internal import Synchronization

/// What the emulator's threads share.
final class EmulatedService: Sendable {
    let options: EmulatorOptions
    let keys: KeyTable
    /// The token that the instance metadata service gives out.
    let instanceToken: String
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let timer: AnswerTimer
    let state: Mutex<ServiceState>

    init(
        _ options: EmulatorOptions, keys: KeyTable, instanceToken: String,
        clock: @escaping @Sendable () -> Int64, timer: AnswerTimer
    ) {
        self.options = options
        self.keys = keys
        self.instanceToken = instanceToken
        self.clock = clock
        self.timer = timer
        state = Mutex(ServiceState(options, faults: options.faults))
    }

    /// Forgets everything, the fault script too.
    func reset() {
        state.withLock { $0 = ServiceState(options, faults: FaultScript()) }
    }
}
