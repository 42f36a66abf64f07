package state

import "sync"

// maxQueues bounds the queues of a process.
const maxQueues = 1024

// Queues are first-in first-out queues between filters, found by the VM that
// made them and a name.
type Queues struct {
	items int
	bytes int64

	mu   sync.Mutex
	last uint32
	ids  map[queueName]uint32
	all  map[uint32]*queue
}

type queueName struct{ vm, name string }

type queue struct {
	name  queueName
	ring  [][]byte
	first int
	count int
	bytes int64
	users []user // in the order they registered
}

type user struct {
	owner any
	ready func(id uint32)
}

// Register makes a queue, or finds it, for an owner, any comparable value.
// ready is called once for each item enqueued, on the enqueuer's goroutine:
// it must not block. The owner who registered last is the one told.
func (q *Queues) Register(vm, name string, owner any, ready func(id uint32)) (id uint32, err error) {
	if len(name) > MaxKey {
		return 0, ErrTooLarge
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	key := queueName{vm, name}
	id = q.ids[key]
	if id == 0 {
		if len(q.all) >= maxQueues {
			return 0, ErrFull
		}
		if q.all == nil {
			q.all, q.ids = make(map[uint32]*queue), make(map[queueName]uint32)
		}
		id = q.unused()
		q.all[id] = &queue{name: key}
		q.ids[key] = id
	}
	e := q.all[id]
	e.leave(owner)
	e.users = append(e.users, user{owner, ready})
	return id, nil
}

func (q *Queues) unused() uint32 {
	for {
		if q.last++; q.last != 0 && q.all[q.last] == nil {
			return q.last
		}
	}
}

// Leave ends all of an owner's registrations. A queue without any is gone,
// with what is in it.
func (q *Queues) Leave(owner any) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for id, e := range q.all {
		if e.leave(owner); len(e.users) == 0 {
			delete(q.all, id)
			delete(q.ids, e.name)
		}
	}
}

func (e *queue) leave(owner any) {
	for i := range e.users {
		if e.users[i].owner == owner {
			e.users = append(e.users[:i], e.users[i+1:]...)
			return
		}
	}
}

// Resolve finds a queue that was registered.
func (q *Queues) Resolve(vm, name string) (id uint32, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	id = q.ids[queueName{vm, name}]
	return id, id != 0
}

// Enqueue appends a copy of item, which may be empty.
func (q *Queues) Enqueue(id uint32, item []byte) error {
	if len(item) > MaxValue {
		return ErrTooLarge
	}
	ready, err := q.push(id, item)
	if err == nil {
		ready(id)
	}
	return err
}

func (q *Queues) push(id uint32, item []byte) (ready func(uint32), err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.all[id]
	if e == nil {
		return nil, ErrNotFound
	}
	if e.count >= q.items || e.bytes+int64(len(item)) > q.bytes {
		return nil, ErrFull
	}
	if e.count == len(e.ring) {
		e.grow()
	}
	e.ring[(e.first+e.count)%len(e.ring)] = append([]byte{}, item...)
	e.count++
	e.bytes += int64(len(item))
	return e.users[len(e.users)-1].ready, nil
}

func (e *queue) grow() {
	ring := make([][]byte, max(16, 2*len(e.ring)))
	for i := range e.count {
		ring[i] = e.ring[(e.first+i)%len(e.ring)]
	}
	e.ring, e.first = ring, 0
}

// Dequeue takes the first item, or answers ErrEmpty.
func (q *Queues) Dequeue(id uint32) ([]byte, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.all[id]
	if e == nil {
		return nil, ErrNotFound
	}
	if e.count == 0 {
		return nil, ErrEmpty
	}
	item := e.ring[e.first]
	e.ring[e.first] = nil
	e.first = (e.first + 1) % len(e.ring)
	e.count--
	e.bytes -= int64(len(item))
	return item, nil
}
