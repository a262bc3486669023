import EventPoll
import Journal
import Rules
import TLS

/// The files of `tls`, read and found to fit together.
struct TLSFiles: Sendable {
    let certificate: PEMFile
    let key: PEMFile
    let clientCA: PEMFile?

    /// - Parameter ticketKeys: The process's keys, the same ones after a reload.
    /// - Throws: ``TLSError``, one of the cases for files.
    func context(_ ticketKeys: TicketKeys) throws(TLSError) -> TLSContext {
        try TLSContext(
            certificate: certificate, key: key, clientCA: clientCA, ticketKeys: ticketKeys,
            at: systemClock().milliseconds / 1000)
    }
}

extension ConfigurationDecoder {
    func decodeTLS(_ node: YAMLNode, _ configuration: inout Configuration) {
        let keys = ["certificate", "key", "clientCA"]
        guard let fields = YAMLFields(node, "tls", keys: keys, problems: problems) else { return }
        let certificate = fields.required("certificate")
        let key = fields.required("key")
        configuration.hasTLS = true
        // As secrets, a machine without them can still try the rules.
        guard secrets.isNeeded else {
            for key in keys { _ = fields[key]?.text("a file's path", problems) }
            return
        }
        let chain = certificate.flatMap(file)
        let privateKey = key.flatMap(file)
        let authorities = fields["clientCA"].map(file)
        guard let chain, let privateKey else { return }
        if let authorities, authorities == nil { return }
        let files = TLSFiles(certificate: chain, key: privateKey, clientCA: authorities ?? nil)
        check(files, at: node, &configuration)
        configuration.tls = files
    }

    private func file(_ node: YAMLNode) -> PEMFile? {
        guard let path = node.text("a file's path", problems) else { return nil }
        let full = path.hasPrefix("/") ? path : folder + path
        secrets.files.note(full)
        do throws(TLSError) {
            return try PEMFile(reading: full)
        } catch {
            problems.report(node.place, "\(error)")
            return nil
        }
    }

    /// What is wrong with the files is found now and not by the first client.
    private func check(
        _ files: TLSFiles, at node: YAMLNode, _ configuration: inout Configuration
    ) {
        do throws(TLSError) {
            let now = Duration.nanoseconds(MonotonicTime.now().nanoseconds)
            let context = try files.context(TicketKeys(at: now))
            configuration.warnings += context.warnings.map { "\(node.place): \($0)" }
        } catch {
            problems.report(node.place, "\(error)")
        }
    }
}
