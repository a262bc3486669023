package import EventPoll
internal import Glibc

/// Runs a program without a shell and gives what it writes to standard output.
///
/// Its standard error is dropped, as it may hold secrets. Waits for the program's end, at most
/// ``SageMakerClientLimits/processTime``, after which it is killed.
/// - Parameters:
///   - command: The program, looked up in PATH, and its arguments.
///   - environment: The program's environment.
///   - interrupt: Kills the program as soon as it is signalled.
/// - Throws: ``SageMakerClientError/credentialsUnavailable(source:reason:)`` for a program that does not
///   start, fails, or writes more than ``SageMakerClientLimits/credentialReplyBytesMax``.
package func runProcess(
    _ command: [String], environment: [String: String], interrupt: Wakeup? = nil
) throws(SageMakerClientError) -> [UInt8] {
    let pipe: Pipe
    do {
        pipe = try Pipe()
    } catch {
        throw failure("\(error)")
    }
    let child = try spawn(command, environment, output: pipe.input.raw)
    let output = pipe.readingEnd()
    let time = SageMakerClientLimits.processTime
    let wait = BoundedWait(deadline: .now().advanced(by: time), interrupt: interrupt)
    var status: Int32 = 0
    do throws(SageMakerClientError) {
        let bytes = try readAll(output.raw, wait)
        // A program can close its output and go on.
        while waitpid(child, &status, WNOHANG) == 0 { try wait.pause(milliseconds: 5) }
        return try checked(bytes, status)
    } catch {
        kill(child, SIGKILL)
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        throw error
    }
}

private func checked(_ bytes: [UInt8], _ status: Int32) throws(SageMakerClientError) -> [UInt8] {
    guard status & 0x7F == 0 else { throw failure("it was ended by signal \(status & 0x7F)") }
    let code = status >> 8 & 0xFF
    guard code == 0 else { throw failure("it ended with exit code \(code)") }
    return bytes
}

/// How long a program is waited for, and what ends the wait early.
private struct BoundedWait {
    let deadline: MonotonicTime
    let interrupt: Wakeup?

    /// Waits until a descriptor can be read.
    func readable(_ descriptor: Int32) throws(SageMakerClientError) {
        while true {
            let left = deadline.since(.now()) / 1_000_000
            guard left > 0 else {
                throw failure("it did not end within \(SageMakerClientLimits.processTime)")
            }
            var entries = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: interrupt?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, Int32(clamping: left)) > 0 else { continue }
            if entries[1].revents != 0 { throw failure("it was not waited for") }
            if entries[0].revents != 0 { return }
        }
    }

    func pause(milliseconds: Int32) throws(SageMakerClientError) {
        guard deadline > .now() else {
            throw failure("it did not end within \(SageMakerClientLimits.processTime)")
        }
        var entry = pollfd(
            fd: interrupt?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
        if poll(&entry, 1, milliseconds) > 0 { throw failure("it was not waited for") }
    }
}

private func failure(_ reason: String) -> SageMakerClientError {
    .credentialsUnavailable(source: "a process", reason: reason)
}

private func systemReason(_ code: Int32) -> String { String(cString: strerror(code)) }

private func spawn(
    _ command: [String], _ environment: [String: String], output: Int32
) throws(SageMakerClientError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // Our threads block signals, and the process ignores SIGPIPE and SIGXFSZ; a program expects
    // neither.
    var none = sigset_t()
    sigemptyset(&none)
    var defaults = sigset_t()
    sigemptyset(&defaults)
    sigaddset(&defaults, SIGPIPE)
    sigaddset(&defaults, SIGXFSZ)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let arguments = command.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var child = pid_t()
    let code = posix_spawnp(&child, command[0], &actions, &attributes, arguments, variables)
    guard code == 0 else { throw failure("\(worded(command[0])): \(systemReason(code))") }
    return child
}

/// All that comes until the other end is closed.
private func readAll(
    _ descriptor: Int32, _ wait: BoundedWait
) throws(SageMakerClientError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
        try wait.readable(descriptor)
        let count = read(descriptor, &chunk, chunk.count)
        if count == 0 { return bytes }
        guard count > 0 else {
            if errno == EINTR { continue }
            throw failure("its output cannot be read: \(systemReason(errno))")
        }
        bytes += chunk.prefix(count)
        guard bytes.count <= SageMakerClientLimits.credentialReplyBytesMax else {
            throw failure(
                "it wrote more than \(SageMakerClientLimits.credentialReplyBytesMax) bytes")
        }
    }
}
