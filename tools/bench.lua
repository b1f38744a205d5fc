-- The load that tools/bench has wrk make: MODE is single, hot, bulk, read (balances), account (reads), open or proof
-- (of inclusion, of any event in the tree of EVENTS).
-- Requests are put together from fixed texts, because a load generator that formats headers for each of them takes
-- more of the machine than the server that it measures.
local mode = os.getenv("BENCH_MODE")
local accounts = tonumber(os.getenv("BENCH_ACCOUNTS"))
local lines = tonumber(os.getenv("BENCH_LINES") or "1000")
local events = tonumber(os.getenv("BENCH_EVENTS") or "1")
local counter = 0
local thread_number = 0
local head = " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer dbk_dev\r\n"

function setup(thread)
  thread:set("number", thread_number)
  thread_number = thread_number + 1
end

function init(args)
  math.randomseed(os.time() + number * 7919)
  run = string.format("%x%x", math.random(0, 2 ^ 30), number)
end

local function account()
  if mode == "hot" then return "a0" end
  return "a" .. math.random(0, accounts - 1)
end

local function post(path, type, key, body)
  return "POST " .. path .. head .. "Content-Type: " .. type .. "\r\n" .. key .. "Content-Length: " .. #body ..
    "\r\n\r\n" .. body
end

function request()
  counter = counter + 1
  if mode == "read" then return "GET /v1/accounts/" .. account() .. "/balance" .. head .. "\r\n" end
  if mode == "account" then return "GET /v1/accounts/" .. account() .. head .. "\r\n" end
  if mode == "proof" then
    return "GET /v1/ledger/proofs/inclusion?position=" .. math.random(1, events) .. "&size=" .. events .. head .. "\r\n"
  end
  if mode == "bulk" then
    local body = {}
    for line = 1, lines do
      body[line] = '{"command":"DeductUnitCredits","account_id":"' .. account() .. '","idempotency_key":"' .. run ..
        "-" .. counter .. "-" .. line .. '","params":{"amount":1,"reference":"job"}}'
    end
    return post("/v1/commands", "application/x-ndjson", "", table.concat(body, "\n"))
  end
  local key = "Idempotency-Key: " .. run .. "-" .. counter .. "\r\n"
  if mode == "open" then
    return post("/v1/accounts", "application/json", key,
                '{"name":"Bench","email":"bench' .. counter .. '@example.test","currency":"EUR"}')
  end
  return post("/v1/accounts/" .. account() .. "/unit-credits/deduct", "application/json", key,
              '{"amount":1,"reference":"job-' .. counter .. '"}')
end

function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"per_second":%.0f,"p50_us":%d,"p95_us":%d,"p99_us":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
