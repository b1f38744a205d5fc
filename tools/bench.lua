-- The load that tools/bench has wrk make: MODE is single, hot, bulk, read (balances), account (reads) or open.
local mode = os.getenv("BENCH_MODE")
local accounts = tonumber(os.getenv("BENCH_ACCOUNTS"))
local lines = tonumber(os.getenv("BENCH_LINES") or "1000")
local counter = 0
local thread_number = 0

function setup(thread)
  thread:set("number", thread_number)
  thread_number = thread_number + 1
end

function init(args)
  math.randomseed(os.time() + number * 7919)
  run = string.format("%x%x", math.random(0, 2 ^ 30), number)
  headers = {["Authorization"] = "Bearer dbk_dev", ["Content-Type"] = "application/json"}
end

local function account()
  if mode == "hot" then return "a0" end
  return "a" .. math.random(0, accounts - 1)
end

function request()
  counter = counter + 1
  if mode == "read" then
    return wrk.format("GET", "/v1/accounts/" .. account() .. "/balance", headers)
  end
  if mode == "account" then
    return wrk.format("GET", "/v1/accounts/" .. account(), headers)
  end
  if mode == "open" then
    headers["Idempotency-Key"] = run .. "-" .. counter
    return wrk.format("POST", "/v1/accounts", headers,
                      '{"name":"Bench","email":"bench' .. counter .. '@example.test","currency":"EUR"}')
  end
  if mode == "bulk" then
    local body = {}
    for line = 1, lines do
      body[line] = string.format(
        '{"command":"DeductUnitCredits","account_id":"%s","idempotency_key":"%s-%d-%d","params":{"amount":1,"reference":"job"}}',
        account(), run, counter, line)
    end
    headers["Content-Type"] = "application/x-ndjson"
    return wrk.format("POST", "/v1/commands", headers, table.concat(body, "\n"))
  end
  headers["Idempotency-Key"] = run .. "-" .. counter
  return wrk.format("POST", "/v1/accounts/" .. account() .. "/unit-credits/deduct", headers,
                    '{"amount":1,"reference":"job-' .. counter .. '"}')
end

function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"per_second":%.0f,"p50_us":%d,"p95_us":%d,"p99_us":%d,"errors":%d}\n',
    summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(95), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
