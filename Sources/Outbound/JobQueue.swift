/// First in, first out, without moving the rest at each removal.
struct JobQueue<Job> {
    private var jobs: [Job] = []
    private var head = 0

    var isEmpty: Bool { head == jobs.count }
    var count: Int { jobs.count - head }

    mutating func append(_ job: Job) { jobs.append(job) }

    /// Puts a job before all others.
    mutating func prepend(_ job: Job) {
        guard head > 0 else { return jobs.insert(job, at: 0) }
        head -= 1
        jobs[head] = job
    }

    /// Takes out what is behind the first ones.
    /// - Returns: The jobs in their order.
    mutating func removeAll(behind count: Int) -> [Job] {
        guard self.count > count else { return [] }
        let rest = Array(jobs[(head + count)...])
        jobs.removeSubrange((head + count)...)
        return rest
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
