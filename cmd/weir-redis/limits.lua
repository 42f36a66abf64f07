-- Takes off, gives back and leases units of the limits KEYS. ARGV has six values
-- for each: algorithm, limit, period, burst, spent and want;
-- times are in microseconds. The clock is Redis's. All numbers are doubles,
-- which are exact to 2^53.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local out = {}

local function grant(units, left, retry, reset)
	out[#out + 1] = units
	out[#out + 1] = left
	out[#out + 1] = math.ceil(math.max(0, retry))
	out[#out + 1] = math.ceil(math.max(0, reset))
end

-- A bucket is how full it was, and when.
local function bucket(key, limit, period, burst, spent, want)
	local had = redis.call('HMGET', key, 'u', 't')
	local level, at = tonumber(had[1]) or burst, tonumber(had[2]) or now
	if now > at then
		level = level + (now - at) * limit / period
		at = now
	end
	level = math.min(burst, level) - spent
	level = math.max(-burst, math.min(burst, level))
	local units = math.max(0, math.min(want, math.floor(level)))
	level = level - units
	local reset = (burst - level) * period / limit
	redis.call('HSET', key, 'u', string.format('%.17g', level), 't', string.format('%.0f', at))
	redis.call('PEXPIRE', key, math.ceil(reset / 1000) + 1000)
	grant(units, math.max(0, math.floor(level)), level < 1 and (1 - level) * period / limit or 0, reset)
end

-- A window is its number, what was taken in it, and in the one before.
local function window(key, limit, period, spent, want)
	local number = math.floor(now / period)
	local had = redis.call('HMGET', key, 'n', 'c', 'b')
	local last, count, before = tonumber(had[1]), tonumber(had[2]) or 0, tonumber(had[3]) or 0
	if last == number - 1 then
		count, before = 0, count
	elseif last and last > number then -- the clock went back
		number = last
	elseif last ~= number then
		count, before = 0, 0
	end
	count = math.max(0, math.min(2 * limit, count + spent))
	local passed = math.max(0, math.min(period, now - number * period))
	local room = limit - count - math.ceil(before * (period - passed) / period)
	local units = math.max(0, math.min(want, room))
	count, room = count + units, room - units
	local retry = 0
	if room < 1 then
		if limit - count >= 1 then
			retry = period - passed - (limit - count - 1) * period / before
		else
			retry = period - passed + period - (limit - 1) * period / count
		end
	end
	redis.call('HSET', key, 'n', string.format('%.0f', number), 'c', string.format('%.0f', count), 'b', string.format('%.0f', before))
	redis.call('PEXPIRE', key, math.ceil((2 * period - passed) / 1000) + 1000)
	grant(units, math.max(0, room), retry, 2 * period - passed)
end

for i, key in ipairs(KEYS) do
	local a = {}
	for n = 1, 6 do
		a[n] = tonumber(ARGV[(i - 1) * 6 + n])
	end
	if a[1] == 1 then
		window(key, a[2], a[3], a[5], a[6])
	else
		bucket(key, a[2], a[3], a[4], a[5], a[6])
	end
end
return out
