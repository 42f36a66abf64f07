-- Takes off, gives back and leases units of the limits KEYS. ARGV has seven values
-- for each: algorithm, limit, period, burst, spent, want and memo; times are in
-- microseconds. The clock is Redis's. All numbers are doubles, which are exact to
-- 2^53.
--
-- A key has a birth, and the number of exchanges since. So have memos, which are
-- what proxies were told of it: one of another birth, or of a later exchange than
-- there was, is of a key that Redis has lost or that went back in time.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local out = {}

local function whole(n) return string.format('%.0f', n) end

local function grant(units, left, retry, reset, memo)
	out[#out + 1] = units
	out[#out + 1] = left
	out[#out + 1] = math.ceil(math.max(0, retry))
	out[#out + 1] = math.ceil(math.max(0, reset))
	out[#out + 1] = memo
end

-- read is a memo's n numbers, nil for none.
local function read(memo, n)
	local list = {}
	for word in string.gmatch(memo, '%S+') do
		local number = tonumber(word)
		if not number or number ~= number or math.abs(number) >= 2^53 then
			return nil
		end
		list[#list + 1] = number
	end
	return #list == n and list or nil
end

-- keep has a key live as long as any memo of it tells something.
local function keep(key, reset)
	local ttl = math.ceil(reset / 1000) + 1000
	if ttl > redis.call('PTTL', key) then
		redis.call('PEXPIRE', key, ttl)
	end
end

-- A bucket is how full it was, and when; and what was taken since its birth, which
-- a memo from before does not know.
local function bucket(key, limit, period, burst, spent, want, memo)
	local had = redis.call('HMGET', key, 'u', 't', 'e', 'v', 'k')
	local level, at = tonumber(had[1]) or burst, tonumber(had[2]) or now
	local born, turn, taken = tonumber(had[3]) or now, tonumber(had[4]) or 0, tonumber(had[5]) or 0
	if now > at then
		level = level + (now - at) * limit / period
		at = now
	end
	level = math.min(burst, level)
	local m = read(memo, 4)
	if m and (m[1] ~= born or m[2] > turn) then
		if m[1] == born then
			born, turn, taken = now, 0, 0
		end
		level = math.min(level, math.min(burst, m[3] + math.max(0, now - m[4]) * limit / period) - taken)
	end
	local begin = level
	level = math.max(-burst, math.min(burst, level - spent))
	local units = math.max(0, math.min(want, math.floor(level)))
	level = level - units
	taken, turn = taken + begin - level, turn + 1
	local reset = (burst - level) * period / limit
	local exact = string.format('%.17g', level)
	redis.call('HSET', key, 'u', exact, 't', whole(at), 'e', whole(born), 'v', whole(turn), 'k', whole(taken))
	keep(key, reset)
	grant(units, math.max(0, math.floor(level)), level < 1 and (1 - level) * period / limit or 0, reset,
		table.concat({whole(born), whole(turn), exact, whole(at)}, ' '))
end

-- A window is its number, what was taken in it, and in the one before; and how much
-- was known to be taken before its birth, in both.
local function window(key, limit, period, spent, want, memo)
	local number = math.floor(now / period)
	local had = redis.call('HMGET', key, 'n', 'c', 'b', 'C', 'B', 'e', 'v')
	local last, count, before = tonumber(had[1]), tonumber(had[2]) or 0, tonumber(had[3]) or 0
	local known, knownBefore = tonumber(had[4]) or 0, tonumber(had[5]) or 0
	local born, turn = tonumber(had[6]) or now, tonumber(had[7]) or 0
	if last == number - 1 then
		count, before, known, knownBefore = 0, count, 0, known
	elseif last and last > number then -- the clock went back
		number = last
	elseif last ~= number then
		count, before, known, knownBefore = 0, 0, 0, 0
	end
	local m = read(memo, 5)
	if m and (m[1] ~= born or m[2] > turn) then
		if m[1] == born then
			born, turn = now, 0
			count, before, known, knownBefore = 0, 0, known + count, knownBefore + before
		end
		if m[3] >= number then
			known, knownBefore = math.max(known, m[4]), math.max(knownBefore, m[5])
		elseif m[3] == number - 1 then
			knownBefore = math.max(knownBefore, m[4])
		end
	end
	local all, allBefore = math.max(0, math.min(2 * limit, known + count + spent)), before + knownBefore
	local passed = math.max(0, math.min(period, now - number * period))
	local room = limit - all - math.ceil(allBefore * (period - passed) / period)
	local units = math.max(0, math.min(want, room))
	all, room, turn = all + units, room - units, turn + 1
	local retry = 0
	if room < 1 then
		if limit - all >= 1 then
			retry = period - passed - (limit - all - 1) * period / allBefore
		else
			retry = period - passed + period - (limit - 1) * period / all
		end
	end
	redis.call('HSET', key, 'n', whole(number), 'c', whole(all - known), 'b', whole(before),
		'C', whole(known), 'B', whole(knownBefore), 'e', whole(born), 'v', whole(turn))
	keep(key, 2 * period - passed)
	grant(units, math.max(0, room), retry, 2 * period - passed,
		table.concat({whole(born), whole(turn), whole(number), whole(all), whole(allBefore)}, ' '))
end

for i, key in ipairs(KEYS) do
	local a = {}
	for n = 1, 6 do
		a[n] = tonumber(ARGV[(i - 1) * 7 + n])
	end
	local memo = ARGV[i * 7]
	if a[1] == 1 then
		window(key, a[2], a[3], a[5], a[6], memo)
	else
		bucket(key, a[2], a[3], a[4], a[5], a[6], memo)
	end
end
return out
