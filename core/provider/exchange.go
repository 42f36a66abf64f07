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

// maxGrant is the longest encoding of a grant: four numbers, a memo and their frame.
const maxGrant = 4*(1+10) + 3 + state.MaxMemo + 3

// Exchange implements [state.Exchanger]. It fails at once while the provider is
// not there, and starts it where nobody has.
func (p *Provider) Exchange(ctx context.Context, report state.Report) (reply state.Reply, err error) {
	p.mu.Lock()
	if p.ctx.Err() != nil {
		p.mu.Unlock()
		return reply, fmt.Errorf("provider %q: it is closed", p.o.Name)
	}
	p.start()
	l, failed := p.life, p.err
	p.mu.Unlock()
	switch {
	case l == nil && failed != nil:
		return reply, fmt.Errorf("provider %q is not there: %w", p.o.Name, failed)
	case l == nil:
		return reply, fmt.Errorf("provider %q is not there yet", p.o.Name)
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Call)
	defer cancel()
	defer context.AfterFunc(l.over, cancel)()
	r, err := contract.NewStoreClient(l.conn).Exchange(ctx, request(&report), grpc.MaxCallRecvMsgSize(1024+maxGrant*len(report.Asks)))
	if err != nil {
		return reply, fmt.Errorf("provider %q: %w", p.o.Name, said(err))
	}
	reply = state.Reply{Members: int(r.Members), Recent: int(r.Recent), Epoch: r.Epoch, Grants: make([]state.Grant, len(r.Grants))}
	for i, g := range r.Grants {
		if g == nil {
			return reply, errors.New("a grant is missing")
		}
		reply.Grants[i] = state.Grant{Units: g.Units, Left: g.Left, Retry: time.Duration(g.RetryAfter), Reset: time.Duration(g.ResetAfter), Memo: g.Memo}
	}
	return reply, nil
}

// request is a report as it is sent.
func request(report *state.Report) *contract.ExchangeRequest {
	r := &contract.ExchangeRequest{
		Member: report.Member, MemberFor: int64(report.Counts), Epoch: report.Epoch,
		RecentFor: int64(report.RecentFor), Asks: make([]*contract.Ask, len(report.Asks)),
	}
	for i := range report.Asks {
		a := &report.Asks[i]
		r.Asks[i] = &contract.Ask{
			Key: a.Key[:], Algorithm: contract.Algorithm(a.Rate.Algorithm),
			Limit: a.Rate.Limit, Period: int64(a.Rate.Period), Burst: a.Rate.Burst, Spent: a.Spent, Want: a.Want, Memo: a.Memo,
		}
	}
	return r
}
