package foreign

// retryFunctions decide when a request is sent again.
var retryFunctions = []Function{{Name: "weir.retry_policy", Run: retryPolicy}}

// retryPolicy: policy → nothing.
func retryPolicy(c Call, dst, policy []byte) ([]byte, int64, Status) {
	const cost = 200
	return dst, cost, c.Retry(policy)
}
