-- Sends the requests of a file in turn and says as one line of JSON how it went. What wrk gives a script is described
-- at github.com/wg/wrk, SCRIPTING. Arguments: file of the headers, file of the requests (method, path and body a line;
-- @@ in a body stands for a number that never comes twice), the first such number, how many connections there are.

local ffi = require("ffi")
ffi.cdef("typedef struct { uint64_t count, limit, min, max; uint64_t data[]; } stats;")

local threads = {}

function setup(thread)
   table.insert(threads, thread)
end

local fixed, begun, ended = {}, {}, {}
local head, number, at

local function whole(start, body)
   return start .. #body .. "\r\n\r\n" .. body
end

local function keep(line)
   local method, path, body = line:match("^(%S+) (%S+) ?(.*)$")
   local start = method .. " " .. path .. " HTTP/1.1\r\n" .. head .. "Content-Length: "
   local before, after = body:match("^(.*)@@(.*)$")
   table.insert(fixed, before and start or whole(start, body))
   table.insert(begun, before or false)
   table.insert(ended, after or false)
end

function init(args)
   head, number, at = "Host: benchmark\r\n", tonumber(args[3]), 0
   refused, connections = {}, tonumber(args[4])
   for line in io.lines(args[1]) do head = head .. line .. "\r\n" end
   for line in io.lines(args[2]) do keep(line) end
end

function request()
   at = at % #fixed + 1
   if not begun[at] then return fixed[at] end
   number = number + 1
   return whole(fixed[at], begun[at] .. string.format("%d", number) .. ended[at])
end

function response(status)
   if status > 299 then
      local name = tostring(status)
      refused[name] = (refused[name] or 0) + 1
   end
end

-- wrk adds answers that nobody sent: those that would have been late, had the requests come at fixed times. A sender
-- here waits for its answer before it sends again, so they are taken out (stats_correct in wrk's stats.c, backwards).
local function measured(latency, summary)
   local stats = ffi.cast("stats **", latency)[0]
   local each = math.floor(summary.requests / threads[1]:get("connections"))
   local expected = each > 0 and math.floor(summary.duration / each) or math.huge
   for n = tonumber(stats.max), 2 * expected, -1 do
      local count, m = stats.data[n], n - expected
      while count > 0 and m > expected do
         stats.data[m], stats.count, m = stats.data[m] - count, stats.count - count, m - expected
      end
   end
   return stats
end

local function percentile(stats, share)
   local wanted, passed = math.ceil(share * tonumber(stats.count)), 0
   for n = tonumber(stats.min), tonumber(stats.max) do
      passed = passed + tonumber(stats.data[n])
      if passed >= wanted then return n end
   end
   return 0
end

local function errors(summary)
   local found = {}
   for name, count in pairs(threads[1]:get("refused")) do
      table.insert(found, string.format('"%s": %d', name, count))
   end
   for _, name in ipairs({"connect", "read", "write", "timeout"}) do
      local count = summary.errors[name]
      if count > 0 then table.insert(found, string.format('"%s": %d', name, count)) end
   end
   return table.concat(found, ", ")
end

function done(summary, latency)
   local stats = measured(latency, summary)
   io.write(string.format(
      'RESULT {"answers": %d, "microseconds": %d, "p50_us": %d, "p99_us": %d, "worst_us": %d, "errors": {%s}}\n',
      summary.requests, summary.duration, percentile(stats, 0.50), percentile(stats, 0.99), tonumber(stats.max),
      errors(summary)))
end
