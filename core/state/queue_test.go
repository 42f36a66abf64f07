package state_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/weirproxy/weir/core/state"
)

func TestQueueIsFirstInFirstOut(t *testing.T) {
	q := state.New(state.Options{}).Queues()
	told := 0
	id, err := q.Register("vm", "jobs", "root", func(uint32) { told++ })
	if err != nil || id == 0 {
		t.Fatalf("registering: %d, %v", id, err)
	}
	next := 0
	for i := range 100 { // so that the ring turns while it grows
		for j := range 3 {
			if err := q.Enqueue(id, fmt.Append(nil, 3*i+j)); err != nil {
				t.Fatal(err)
			}
		}
		item, err := q.Dequeue(id)
		if err != nil || string(item) != fmt.Sprint(next) {
			t.Fatalf("got %q, %v, want %d", item, err, next)
		}
		next++
	}
	for ; next < 300; next++ {
		if item, err := q.Dequeue(id); err != nil || string(item) != fmt.Sprint(next) {
			t.Fatalf("got %q, %v, want %d", item, err, next)
		}
	}
	if _, err := q.Dequeue(id); !errors.Is(err, state.ErrEmpty) {
		t.Fatalf("from an empty queue: %v", err)
	}
	if told != 300 {
		t.Errorf("told %d times of 300 items", told)
	}
}

func TestQueuesAreFoundByName(t *testing.T) {
	q := state.New(state.Options{}).Queues()
	a, _ := q.Register("a", "jobs", 1, func(uint32) {})
	b, _ := q.Register("b", "jobs", 2, func(uint32) {})
	if a == b {
		t.Fatal("two VMs share a queue")
	}
	if id, ok := q.Resolve("b", "jobs"); !ok || id != b {
		t.Errorf("resolved %d, %v, want %d", id, ok, b)
	}
	if _, ok := q.Resolve("a", "none"); ok {
		t.Error("resolved what is not there")
	}
	for _, id := range []uint32{0, 999} {
		if err := q.Enqueue(id, nil); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("enqueueing to %d: %v", id, err)
		}
		if _, err := q.Dequeue(id); !errors.Is(err, state.ErrNotFound) {
			t.Errorf("dequeueing from %d: %v", id, err)
		}
	}
}

func TestLastRegistrantIsTold(t *testing.T) {
	q := state.New(state.Options{}).Queues()
	var told []string
	register := func(owner string) uint32 {
		id, err := q.Register("vm", "jobs", owner, func(uint32) { told = append(told, owner) })
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	id := register("old")
	if again := register("new"); again != id {
		t.Fatalf("the same queue is %d and %d", id, again)
	}
	q.Enqueue(id, nil)
	q.Leave("new")
	q.Enqueue(id, nil)
	register("new")
	q.Leave("old")
	q.Enqueue(id, nil)
	if got := fmt.Sprint(told); got != "[new old new]" {
		t.Errorf("told %s", got)
	}
	q.Leave("new")
	if _, ok := q.Resolve("vm", "jobs"); ok {
		t.Error("a queue outlives its registrants")
	}
}

func TestQueueIsBounded(t *testing.T) {
	q := state.New(state.Options{QueueItems: 3, QueueBytes: 10}).Queues()
	id, _ := q.Register("vm", "jobs", 1, func(uint32) {})
	if err := q.Enqueue(id, make([]byte, state.MaxValue+1)); !errors.Is(err, state.ErrTooLarge) {
		t.Errorf("a large item: %v", err)
	}
	if err := q.Enqueue(id, make([]byte, 11)); !errors.Is(err, state.ErrFull) {
		t.Errorf("more bytes than the bound: %v", err)
	}
	item := []byte("a")
	for range 3 {
		if err := q.Enqueue(id, item); err != nil {
			t.Fatal(err)
		}
	}
	item[0] = 'b'
	if err := q.Enqueue(id, nil); !errors.Is(err, state.ErrFull) {
		t.Errorf("more items than the bound: %v", err)
	}
	if got, _ := q.Dequeue(id); !bytes.Equal(got, []byte("a")) {
		t.Errorf("the item was not copied: %q", got)
	}
	for i := range 2000 {
		if _, err := q.Register("vm", fmt.Sprint(i), 1, func(uint32) {}); err != nil {
			if !errors.Is(err, state.ErrFull) {
				t.Fatal(err)
			}
			return
		}
	}
	t.Error("the number of queues has no bound")
}
