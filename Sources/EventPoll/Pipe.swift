internal import CLinux
internal import Glibc

/// A pipe (pipe(2)) whose ends no child inherits.
package struct Pipe: ~Copyable {
    package let output: Descriptor
    /// What is written here is read at ``output``.
    package let input: Descriptor

    /// - Throws: ``SystemCallError`` when the process is out of descriptors.
    package init() throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard hl_pipe(&ends) == 0 else { throw SystemCallError("pipe2", errno: errno) }
        output = Descriptor(owning: ends[0])
        input = Descriptor(owning: ends[1])
    }

    /// Lets the writing end go, so that the reading one sees the end once every child has let go.
    package consuming func readingEnd() -> Descriptor { output }
}
