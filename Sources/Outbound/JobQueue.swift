/// First in, first out, without moving the rest at each removal.
struct JobQueue<Job> {
    private var jobs: [Job] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }
    var first: Job? { isEmpty ? nil : jobs[head] }
    var count: Int { jobs.count - head }

    mutating func append(_ job: Job) { jobs.append(job) }

    /// Puts a job before all others.
    mutating func prepend(_ job: Job) {
        guard head > 0 else { return jobs.insert(job, at: 0) }
        head -= 1
        jobs[head] = job
    }

    mutating func popFirst() -> Job? {
        guard head < jobs.count else { return nil }
        defer {
            head += 1
            // Half of the array is spent: give it back.
            if head > 64, head * 2 > jobs.count {
                jobs.removeFirst(head)
                head = 0
            }
        }
        return jobs[head]
    }
}
