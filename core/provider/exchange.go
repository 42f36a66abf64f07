package provider

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"

	"github.com/weirproxy/weir/core/provider/contract"
	"github.com/weirproxy/weir/core/state"
)

var _ state.Exchanger = (*Provider)(nil)

// maxGrant is the longest encoding of a grant: four numbers and their frame.
const maxGrant = 4*(1+10) + 2

// Exchange implements [state.Exchanger]. It fails at once while the provider is
// not there, and starts it where nobody has.
func (p *Provider) Exchange(ctx context.Context, member string, asks []state.Ask) (int, []state.Grant, error) {
	p.mu.Lock()
	if p.ctx.Err() != nil {
		p.mu.Unlock()
		return 0, nil, fmt.Errorf("provider %q: it is closed", p.o.Name)
	}
	p.start()
	l, err := p.life, p.err
	p.mu.Unlock()
	switch {
	case l == nil && err != nil:
		return 0, nil, fmt.Errorf("provider %q is not there: %w", p.o.Name, err)
	case l == nil:
		return 0, nil, fmt.Errorf("provider %q is not there yet", p.o.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Call)
	defer cancel()
	defer context.AfterFunc(l.over, cancel)()
	r, err := contract.NewStoreClient(l.conn).Exchange(ctx, request(member, asks), grpc.MaxCallRecvMsgSize(1024+maxGrant*len(asks)))
	if err != nil {
		return 0, nil, fmt.Errorf("provider %q: %w", p.o.Name, said(err))
	}
	grants := make([]state.Grant, len(r.Grants))
	for i, g := range r.Grants {
		if g == nil {
			return 0, nil, errors.New("a grant is missing")
		}
		grants[i] = state.Grant{Units: g.Units, Left: g.Left, Retry: time.Duration(g.RetryAfter), Reset: time.Duration(g.ResetAfter)}
	}
	return int(r.Members), grants, nil
}

// request is asks as they are sent.
func request(member string, asks []state.Ask) *contract.ExchangeRequest {
	r := &contract.ExchangeRequest{Member: member, MemberFor: int64(state.MemberFor), Asks: make([]*contract.Ask, len(asks))}
	for i := range asks {
		a := &asks[i]
		r.Asks[i] = &contract.Ask{
			Key: a.Key[:], Algorithm: contract.Algorithm(a.Rate.Algorithm),
			Limit: a.Rate.Limit, Period: int64(a.Rate.Period), Burst: a.Rate.Burst, Spent: a.Spent, Want: a.Want,
		}
	}
	return r
}
