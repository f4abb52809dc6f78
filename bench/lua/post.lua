-- wrk's side of a measurement: posts the body of a template file, in which @n becomes a number that never comes twice and @run a run in turn.
-- Arguments: the file (first line the path, second the runs with commas between, the rest the body), and the number to begin with.
local threads = 0

function setup(thread)
  thread:set("thread", threads)
  threads = threads + 1
end

function init(args)
  local file = assert(io.open(args[1]))
  path = file:read("*l")
  runs = {}
  for run in file:read("*l"):gmatch("[^,]+") do runs[#runs + 1] = run end
  local body = file:read("*a")
  file:close()
  counter = tonumber(args[2]) + thread
  -- Text, marker, text, marker, …: joining pieces is what a body costs.
  pieces, numbers, places = {}, {}, {}
  local from = 1
  while true do
    local at, last, mark = body:find("@(%l+)", from)
    if not at then break end
    pieces[#pieces + 1] = body:sub(from, at - 1)
    pieces[#pieces + 1] = ""
    if mark == "run" then places[#places + 1] = #pieces else numbers[#numbers + 1] = #pieces end
    from = last + 1
  end
  pieces[#pieces + 1] = body:sub(from)
  headers = wrk.headers
  headers["Content-Type"] = "application/json"
end

function request()
  local number = string.format("%d", counter)
  for i = 1, #numbers do pieces[numbers[i]] = number end
  if #places > 0 then
    local run = runs[math.floor(counter / 2) % #runs + 1]
    for i = 1, #places do pieces[places[i]] = run end
  end
  -- There are two threads.
  counter = counter + 2
  return wrk.format("POST", path, headers, table.concat(pieces))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
