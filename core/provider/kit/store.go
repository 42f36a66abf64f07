package kit

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/weirproxy/weir/core/provider/contract"
	"github.com/weirproxy/weir/core/state"
)

// Exchange implements contract.StoreServer.
func (s *server) Exchange(ctx context.Context, r *contract.ExchangeRequest) (*contract.ExchangeReply, error) {
	made, err := s.use()
	if err != nil {
		return nil, err
	}
	if made.store == nil {
		return nil, status.Error(codes.Unimplemented, "it keeps no limits")
	}
	asks := make([]Ask, len(r.Asks))
	for i, a := range r.Asks {
		if len(a.GetKey()) != len(asks[i].Key) || a.Limit <= 0 || a.Period <= 0 || a.Burst < 0 || a.Want < 0 || len(a.Memo) > state.MaxMemo {
			return nil, status.Errorf(codes.InvalidArgument, "ask %d is malformed", i+1)
		}
		asks[i] = Ask{
			Key: [16]byte(a.Key), Spent: a.Spent, Want: a.Want, Memo: a.Memo,
			Rate: state.Rate{Algorithm: state.Algorithm(a.Algorithm), Limit: a.Limit, Period: time.Duration(a.Period), Burst: a.Burst, Fleet: true},
		}
	}
	reply, err := made.store.Exchange(ctx, Report{Member: r.Member, Counts: time.Duration(r.MemberFor), Epoch: r.Epoch, RecentFor: time.Duration(r.RecentFor), Asks: asks})
	if err != nil {
		return nil, status.Error(codes.Unavailable, err.Error())
	}
	out := &contract.ExchangeReply{Members: uint32(max(0, reply.Members)), Recent: uint32(max(0, reply.Recent)), Epoch: reply.Epoch, Grants: make([]*contract.Grant, len(reply.Grants))}
	for i, g := range reply.Grants {
		out.Grants[i] = &contract.Grant{Units: g.Units, Left: g.Left, RetryAfter: int64(g.Retry), ResetAfter: int64(g.Reset), Memo: g.Memo}
	}
	return out, nil
}
