internal import SageMakerClient
internal import Synchronization

/// What the emulator's threads share.
final class EmulatedService: Sendable {
    let options: EmulatorOptions
    let credentials: [String: Credentials]
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let timer: AnswerTimer
    let state: Mutex<ServiceState>

    init(
        _ options: EmulatorOptions, credentials: [String: Credentials],
        clock: @escaping @Sendable () -> Int64, timer: AnswerTimer
    ) {
        self.options = options
        self.credentials = credentials
        self.clock = clock
        self.timer = timer
        state = Mutex(ServiceState(options, faults: options.faults))
    }

    /// Forgets everything, the fault script too.
    func reset() {
        state.withLock { $0 = ServiceState(options, faults: FaultScript()) }
    }
}
