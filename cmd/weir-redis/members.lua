-- Counts those in KEYS[1] that asked within ARGV[2] microseconds, ARGV[1] too, and
-- those of them that asked within ARGV[4]. KEYS[2] is the epoch: when Redis began
-- to know of members. Who knows of another one, ARGV[3], has to tell first what Redis
-- has forgotten, and is not counted for others yet; so who gives 0 for ARGV[2]. The
-- clock is Redis's.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local epoch = redis.call('GET', KEYS[2])
if not epoch then
	epoch = string.format('%.0f', now)
	redis.call('SET', KEYS[2], epoch, 'PX', 1000)
end
local counts = tonumber(ARGV[2])
if counts > 0 then
	if ARGV[3] == '0' or ARGV[3] == epoch then
		redis.call('ZADD', KEYS[1], string.format('%.0f', now), ARGV[1])
		for _, key in ipairs(KEYS) do
			redis.call('PEXPIRE', key, math.ceil(counts / 1000) + 1000)
		end
	end
	redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now - counts))
end
local members, recent = redis.call('ZCARD', KEYS[1]), redis.call('ZCOUNT', KEYS[1], string.format('%.0f', now - ARGV[4]), '+inf')
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
	members = members + 1
end
return {members, recent, tonumber(epoch)}
