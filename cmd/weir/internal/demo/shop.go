package demo

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// shop is a version of the first service of the mesh.
//
//	/shop/hello     the request as it arrived, as JSON
//	/shop/stock     what the stock answers, who is asked through the sidecar
//	/shop/flaky     503 every other time
//	/shop/version   which version this is
//	/shop/trace     the id of the trace that the request belongs to; the stock is asked, too
func shop(version string, stock *asker) http.Handler {
	var calls atomic.Int64
	m := http.NewServeMux()
	m.HandleFunc("/", echo("shop"))
	m.HandleFunc("/shop/version", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, version) })
	m.HandleFunc("/shop/flaky", func(w http.ResponseWriter, _ *http.Request) {
		n := calls.Add(1)
		if n%2 == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "call %d to the shop: each odd one is answered 503\n", n)
	})
	m.HandleFunc("/shop/stock", func(w http.ResponseWriter, r *http.Request) {
		status, answer, err := stock.ask(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		asJSON(w, map[string]any{"service": "shop", "peer": r.Header.Get("X-Peer"), "status of stock": status, "stock": answer})
	})
	m.HandleFunc("/shop/trace", func(w http.ResponseWriter, r *http.Request) {
		if _, _, err := stock.ask(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		if fields := strings.Split(r.Header.Get("Traceparent"), "-"); len(fields) == 4 {
			fmt.Fprintln(w, fields[1])
		}
	})
	return m
}

// stock is the second service, which tells who asks it.
func stock() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asJSON(w, map[string]any{"service": "stock", "peer": r.Header.Get("X-Peer"), "apples": 3})
	})
}

// asker asks the stock through a service's own sidecar.
type asker struct {
	sidecar atomic.Pointer[string] // address of its outbound listener
}

// passedOn are the fields by which a request's trace goes on.
var passedOn = []string{"Traceparent", "Tracestate", "X-Request-Id"}

func (a *asker) ask(on *http.Request) (status int, answer any, err error) {
	at := a.sidecar.Load()
	if at == nil {
		return 0, nil, fmt.Errorf("the shop's sidecar is not there yet")
	}
	r, err := http.NewRequestWithContext(on.Context(), http.MethodGet, "http://"+*at+"/apples", nil)
	if err != nil {
		return 0, nil, err
	}
	r.Host = "stock"
	for _, name := range passedOn {
		if v := on.Header.Get(name); v != "" {
			r.Header.Set(name, v)
		}
	}
	client := http.Client{Timeout: 10 * time.Second}
	got, err := client.Do(r)
	if err != nil {
		return 0, nil, fmt.Errorf("asking the stock: %w", err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		return got.StatusCode, nil, nil
	}
	err = json.NewDecoder(got.Body).Decode(&answer)
	return got.StatusCode, answer, err
}
