-- The load: one signed GitHub push, over and over, as fast as the server answers (or paced).
--
-- The environment gives BODY (a file), SIGNATURE (hex HMAC-SHA256 of that file) and SEED (a number
-- no other run of the same server has). GitHub's signature covers only the body, so it is computed
-- once; each request still is a delivery of its own, with a GUID of its own, because a repeated
-- delivery is answered from memory and would flatter the server. A request is two string joins, so
-- that the client's core is never what is measured. PACE, when set, is the mean pause in ms before
-- a connection's next request: many slow connections make a nearly fixed offered load.

local prefix, suffix, seed
local threads, sent = 0, 0
local pace = tonumber(os.getenv("PACE") or "")

local function contents(path)
    local file = assert(io.open(path, "rb"))
    local bytes = file:read("*a")
    file:close()
    return bytes
end

function setup(thread)
    thread:set("id", threads)
    threads = threads + 1
end

function init(args)
    local body = contents(assert(os.getenv("BODY"), "BODY is not set"))
    seed = string.format("%08x-%04x-4000-8000-", assert(tonumber(os.getenv("SEED")), "SEED"), id)
    prefix = table.concat({
        "POST " .. wrk.path .. " HTTP/1.1",
        "Host: " .. wrk.host .. ":" .. wrk.port,
        "User-Agent: GitHub-Hookshot/044aadd",
        "Accept: */*",
        "Content-Type: application/json",
        "Content-Length: " .. #body,
        "X-GitHub-Event: push",
        "X-GitHub-Hook-ID: 292430182",
        "X-GitHub-Hook-Installation-Target-ID: 771204385",
        "X-GitHub-Hook-Installation-Target-Type: repository",
        "X-Hub-Signature-256: sha256=" .. assert(os.getenv("SIGNATURE"), "SIGNATURE is not set"),
        "X-GitHub-Delivery: ",
    }, "\r\n")
    suffix = "\r\n\r\n" .. body
    if pace then
        math.randomseed(tonumber(os.getenv("SEED")))
        function delay() return math.random(1, 2 * pace - 1) end
    end
end

function request()
    sent = sent + 1
    return prefix .. seed .. string.format("%012x", sent) .. suffix
end

-- One line for Benchmarks/run: requests/s, p50 and p99 in µs, requests, failures.
function done(summary, latency)
    local errors = summary.errors
    print(string.format("RESULT %.1f %d %d %d %d",
        summary.requests / (summary.duration / 1e6),
        latency:percentile(50), latency:percentile(99), summary.requests,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
