import Journal
import Testing

@testable import Outbound

private let bounds = LaneWindow.Bounds(first: 8, most: 64, troubleAfter: 3, troubled: 2)

@Suite struct LaneWindowTests {
    @Test func `a lane begins with few jobs under way, and has all after a few answers`() {
        var window = LaneWindow(bounds)
        #expect(window.size == 8)
        for size in [16, 32, 64, 64] {
            window.noteAnswer()
            #expect(window.size == size)
        }
        var narrow = LaneWindow(.init(first: 8, most: 3, troubleAfter: 3, troubled: 4))
        #expect(narrow.size == 3)
        for _ in 0..<9 { narrow.noteSilence() }
        #expect(narrow.size == 3)
    }

    @Test func `it is open as long as fewer are under way`() {
        var window = LaneWindow(.init(first: 2, most: 2, troubleAfter: 3, troubled: 1))
        for _ in 0..<2 {
            #expect(window.isOpen)
            window.noteSent()
        }
        #expect(!window.isOpen)
        window.noteLanded()
        #expect(window.isOpen)
    }

    @Test func `a failure takes it back to the first size, silence in a row means trouble`() {
        var window = LaneWindow(bounds)
        for _ in 0..<4 { window.noteAnswer() }
        window.noteSilence()
        #expect(window.size == 8)
        window.noteSilence()
        #expect(!window.isInTrouble)
        window.noteSilence()
        #expect(window.isInTrouble)
        #expect(window.size == 2)
        #expect(window.room == 2)
        window.noteAnswer()
        #expect(!window.isInTrouble)
        #expect(window.size == 4)
        window.noteSilence()
        window.noteSilence()
        #expect(!window.isInTrouble)
    }

    @Test func `what fails with an answer makes the lane slower and is no trouble, however often`()
    {
        var window = LaneWindow(bounds)
        for _ in 0..<4 { window.noteAnswer() }
        for _ in 0..<9 { window.noteFault() }
        #expect(window.size == 8 && !window.isInTrouble)
        for _ in 0..<2 { window.noteSilence() }
        window.noteFault()
        for _ in 0..<2 { window.noteSilence() }
        #expect(!window.isInTrouble)
    }

    @Test func `out of trouble, what follows is in memory beside what is under way`() {
        let window = LaneWindow(bounds)
        #expect(window.room == 8 * DispatchLimits.heldPerSlot)
    }
}

@Suite struct LaneTableTests {
    private func table() -> LaneTable<CallbackLane> { LaneTable(bounds) }

    private func lane(_ name: Int, in table: inout LaneTable<CallbackLane>) -> CallbackLane {
        let id = CallbackLaneID(receiver: "https://\(name).example.com")
        return table.lane(id) { CallbackLane(id, bounds) }
    }

    private func rooms(
        _ table: inout LaneTable<CallbackLane>, _ sharedMax: Int
    ) -> LaneRooms<CallbackLaneID>? { table.roomsToTell(sharedMax: sharedMax) }

    private func job(_ lane: CallbackLane) -> CallbackJob {
        CallbackJob(
            id: "c", start: "s", url: lane.id.receiver, occasion: .started, body: [],
            createdAt: UnixTime(milliseconds: 0), attempts: 0)
    }

    @Test func `rooms are told at first, and then when one has changed`() throws {
        var table = table()
        let told = rooms(&table, 100)
        let first = try #require(told)
        #expect(first.usual == 32 && first.own == [:] && first.sharedMax == 100)
        #expect(first.reserved == 4 && first.inAllMax == 100 + 4 * DispatchLimits.lanesMax)
        #expect(rooms(&table, 100) == nil)
        let lane = lane(1, in: &table)
        _ = self.lane(2, in: &table)
        #expect(rooms(&table, 100) == nil)
        lane.window.noteAnswer()
        #expect(rooms(&table, 100)?.own == [lane.id: 64])
        #expect(rooms(&table, 100) == nil)
        lane.window.noteSilence()
        #expect(rooms(&table, 100)?.own == [:])
    }

    @Test func `lanes are served one job each, beginning behind the one that was served last`() {
        var table = table()
        let lanes = (0..<3).map { lane($0, in: &table) }
        var left = [2, 1, 2]
        var served: [Int] = []
        func serve(_ most: Int) {
            served = []
            table.serve { lane in
                let index = lanes.firstIndex { $0 === lane } ?? 0
                guard left[index] > 0, served.count < most else { return false }
                left[index] -= 1
                served.append(index)
                return true
            }
        }
        serve(9)
        #expect(served == [0, 1, 2, 0, 2])
        left = [9, 9, 9]
        serve(2)
        #expect(served == [0, 1])
        serve(2)
        #expect(served == [2, 0])
    }

    @Test func `only idle lanes are forgotten when there are too many, and told so`() {
        var table = table()
        let busy = lane(0, in: &table)
        busy.waiting.append(job(busy))
        busy.window.noteAnswer()
        let answered = lane(1, in: &table)
        answered.window.noteAnswer()
        for number in 2..<DispatchLimits.lanesMax { _ = lane(number, in: &table) }
        #expect(rooms(&table, 9)?.own.count == 2)
        #expect(table.order.count == DispatchLimits.lanesMax)
        _ = lane(-1, in: &table)
        #expect(table.order.count == 2)
        #expect(lane(0, in: &table) === busy)
        #expect(rooms(&table, 9)?.own == [busy.id: 64])
    }
}
