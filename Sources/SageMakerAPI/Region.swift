/// A region that can be a part of a host name and of a credential scope.
package func isRegion(_ text: String) -> Bool {
    guard (1...SageMakerAPILimits.regionMax).contains(text.utf8.count),
        text.utf8.first != UInt8(ascii: "-"), text.utf8.last != UInt8(ascii: "-")
    else { return false }
    return text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
