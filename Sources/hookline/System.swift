import CLinux
import Glibc
import Journal

/// The version that `--version` shows and requests carry.
let version = "0.1.0"

/// What requests call us.
let userAgent = "hookline/\(version)"

/// The clock of the machine. Only the executable reads it; everything below is given it.
let systemClock: @Sendable () -> UnixTime = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UnixTime(
        milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
}

/// Processors that this process may run on: a container's or taskset's share, not the machine's.
func allowedProcessors() -> Int { max(1, Int(hl_allowed_processors())) }

/// Writes a line to standard error.
func printError(_ text: String) {
    var line = Array(text.utf8) + [0x0A]
    _ = write(STDERR_FILENO, &line, line.count)
}

/// Has the memory of a large request go back to the kernel when it is freed.
func returnLargeBlocks() { hl_return_large_blocks() }

/// Lets the process have as many descriptors as it may. The usual soft limit of 1,024 is there for
/// programs that use select(2).
func raiseDescriptorLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
        limit.rlim_cur < limit.rlim_max
    else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
