import EventPoll
import Testing

@testable import Outbound

@Suite struct CallbackLaneTests {
    private func time(_ seconds: Double) -> MonotonicTime {
        MonotonicTime(nanoseconds: Int64(seconds * 1e9))
    }

    @Test(arguments: [
        ("https://ci.example.com/a/b?c", "https://ci.example.com"),
        ("https://ci.example.com", "https://ci.example.com"),
        ("http://[::1]:8080/x", "http://[::1]:8080"),
        ("https://ci.example.com?x=/", "https://ci.example.com"), ("odd", "odd"),
    ])
    func `a receiver is known by scheme and authority`(url: String, receiver: String) {
        #expect(CallbackLane.receiver(of: url) == receiver)
    }

    @Test func `a receiver that answers gets all there is, and one that does not the least`() {
        let lane = CallbackLane("https://x", windowMax: 32)
        #expect(lane.window == CallbackLane.firstWindow)
        for window in [8, 16, 32, 32] {
            lane.noteSent(at: time(1))
            lane.noteLanded(answerTime: 1_000_000, at: time(1))
            #expect(lane.window == window)
        }
        lane.noteSent(at: time(1))
        lane.noteLanded(answerTime: nil, at: time(21))
        #expect(lane.window == CallbackLane.firstWindow)
    }

    @Test func `a silent receiver holds little, and a time-out does not make it livelier`() {
        let lane = CallbackLane("https://x", windowMax: 32)
        #expect(lane.heldMax(at: time(50)) == .max)
        lane.noteSent(at: time(100))
        lane.noteSent(at: time(100))
        #expect(lane.heldMax(at: time(101.9)) == .max)
        #expect(lane.heldMax(at: time(102)) == CallbackLane.stalledHeld)
        lane.noteLanded(answerTime: nil, at: time(120))
        #expect(lane.heldMax(at: time(120)) == CallbackLane.stalledHeld)
        lane.noteLanded(answerTime: 1_000_000, at: time(121))
        lane.noteSent(at: time(121))
        #expect(lane.heldMax(at: time(122)) == .max)
    }

    @Test func `a receiver that never answered has one at a time, and holds little at once`() {
        let lane = CallbackLane("https://x", windowMax: 32)
        for failures in 1...CallbackLane.firstWindow {
            lane.noteSent(at: time(1))
            lane.noteLanded(answerTime: nil, at: time(1))
            #expect(lane.window == (failures < 4 ? CallbackLane.firstWindow : 1))
            #expect(lane.heldMax(at: time(1)) == (failures < 4 ? .max : CallbackLane.stalledHeld))
        }
        #expect(lane.pause(of: "x", age: .zero, at: time(1)) == CallbackLane.stallPause)
        lane.noteSent(at: time(2))
        lane.noteLanded(answerTime: 1_000_000, at: time(2))
        #expect(lane.window == 2)
        #expect(lane.heldMax(at: time(2)) == .max)
    }

    @Test func `a receiver that answers slowly holds less, and the rest waits for its turn`() {
        let lane = CallbackLane("https://x", windowMax: 32)
        lane.noteSent(at: time(1))
        lane.noteLanded(answerTime: 800_000_000, at: time(1))
        // 40 in a second.
        #expect(lane.heldMax(at: time(1)) == 20)
        #expect(lane.pause(of: "x", age: .zero, at: time(1)) == .milliseconds(250))
        #expect(lane.pause(of: "x", age: .zero, at: time(1)) == .milliseconds(275))
        #expect(!lane.hasRoom(for: "new", at: time(1)))
        #expect(lane.hasRoom(for: "x", at: time(1)))
        #expect(lane.hasRoom(for: "new", at: time(2)))
    }
}
