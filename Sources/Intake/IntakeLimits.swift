/// Bounds on what one delivery may ask for.
package enum IntakeLimits {
    /// The most starts and failed starts of one delivery, over all its events and rules: it is committed
    /// as a whole, and everybody else's waits for it.
    package static let startsPerDeliveryMax = 1000
}
