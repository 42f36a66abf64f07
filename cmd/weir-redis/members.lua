-- Counts those in KEYS[1] that asked not longer ago than they count, ARGV[1] too,
-- who counts for ARGV[2] microseconds. The clock is Redis's.
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(ARGV[2] / 1000) + 1000)
return redis.call('ZCARD', KEYS[1])
