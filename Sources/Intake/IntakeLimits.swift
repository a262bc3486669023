/// Bounds on what one delivery may ask for.
package enum IntakeLimits {
    /// The most starts of one delivery, over all its events and rules: it is committed as a whole, and
    /// everybody else's waits for it.
    package static let startsPerDeliveryMax = 1000
    /// The most failed starts of a delivery that are listed; more are counted.
    static let failuresListedMax = 1000
}
