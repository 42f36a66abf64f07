package tlssock_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// TestInterruptsInMidRecord ends reads at every byte of records that come byte by
// byte: nothing may be lost, and the session goes on.
func TestInterruptsInMidRecord(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789abcdef"), 40)
	ways := map[string]func(r *rig, pool *lent) ([]byte, error){
		"Read": func(r *rig, _ *lent) ([]byte, error) {
			b := make([]byte, 100)
			n, err := r.ours.Read(b)
			return b[:n], err
		},
		"ReadFirst": func(r *rig, pool *lent) ([]byte, error) {
			b, n, err := r.ours.ReadFirst(pool)
			if err != nil {
				return nil, err
			}
			pool.Put(b)
			return (*b)[:n], nil
		},
	}
	for way, read := range ways {
		t.Run(way, func(t *testing.T) {
			each(t, true, func(t *testing.T, r *rig) {
				r.wire.bytewise = true
				go func() { _, _ = r.theirs.Write(want); _ = r.theirs.CloseWrite() }()
				r.ours.Interrupt() // one at least, however the scheduler is disposed
				var over atomic.Bool
				defer over.Store(true)
				go func() {
					for !over.Load() {
						r.ours.Interrupt()
						runtime.Gosched()
					}
				}()
				var pool lent
				var got []byte
				interrupts := 0
				for {
					b, err := read(r, &pool)
					got = append(got, b...)
					if err == sock.ErrInterrupted {
						interrupts++
						continue
					}
					if err == io.EOF {
						break
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				if !bytes.Equal(got, want) || interrupts == 0 || pool.out != 0 {
					t.Errorf("%d of %d bytes over %d interrupts, %d buffers out", len(got), len(want), interrupts, pool.out)
				}
			})
		})
	}
}

// TestTimeoutInMidRecord lets a read time out between the bytes of a record.
func TestTimeoutInMidRecord(t *testing.T) {
	each(t, true, func(t *testing.T, r *rig) {
		r.wire.bytewise = true
		b := make([]byte, 100)
		r.ours.ArmRead(time.Millisecond)
		if _, err := r.ours.Read(b); err != sock.ErrTimeout {
			t.Fatalf("%v, want a time-out", err)
		}
		r.ours.ArmRead(0)
		go func() { _, _ = r.theirs.Write([]byte("late")) }()
		if n, err := r.ours.Read(b); err != nil || string(b[:n]) != "late" {
			t.Fatalf("%q %v", b[:n], err)
		}
	})
}

// TestWaitingHoldsNoBuffer asks for one only once bytes are there, and gives it
// back for a record that brings none.
func TestWaitingHoldsNoBuffer(t *testing.T) {
	each(t, false, func(t *testing.T, r *rig) { // tickets come first in TLS 1.3
		var pool lent
		go func() { _, _ = r.theirs.Write([]byte("x")) }()
		b, n, err := r.ours.ReadFirst(&pool)
		if err != nil || string((*b)[:n]) != "x" || pool.out != 1 || pool.most != 1 {
			t.Errorf("%v, %d bytes, %+v", err, n, pool)
		}
	})
}

func TestAlive(t *testing.T) {
	each(t, false, func(t *testing.T, r *rig) {
		for range 3 { // session tickets lie there in TLS 1.3
			if err := r.ours.Alive(); err != nil {
				t.Fatalf("%v right behind the handshake", err)
			}
		}
		if _, err := r.theirs.Write([]byte("unasked")); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool { return r.ours.Alive() == sock.ErrStale })
	})
	each(t, false, func(t *testing.T, r *rig) {
		_ = r.theirs.Close()
		eventually(t, func() bool { return r.ours.Alive() == sock.ErrStale })
	})
}

func TestExchange(t *testing.T) {
	each(t, false, func(t *testing.T, r *rig) {
		go func() {
			b := make([]byte, 100)
			for {
				n, err := r.theirs.Read(b)
				if err != nil {
					return
				}
				if _, err := r.theirs.Write(b[:n]); err != nil {
					return
				}
			}
		}()
		b := make([]byte, 100)
		for range 3 {
			n, written, err := r.ours.Exchange([]byte("ping"), b)
			if err != nil || !written || string(b[:n]) != "ping" {
				t.Fatalf("%q %v %v", b[:n], written, err)
			}
		}
	})
	each(t, false, func(t *testing.T, r *rig) {
		_ = r.theirs.Close()
		eventually(t, func() bool { return r.wire.TCPConn.Close() != nil && r.ours.Peek() != sock.Quiet })
		if _, written, err := r.ours.Exchange([]byte("ping"), make([]byte, 10)); err != sock.ErrStale || written {
			t.Errorf("written %v, %v, want a stale connection", written, err)
		}
	})
}

// TestExchangeInterrupted goes on by Read: the request has left.
func TestExchangeInterrupted(t *testing.T) {
	each(t, false, func(t *testing.T, r *rig) {
		asked := make(chan struct{})
		go func() {
			b := make([]byte, 100)
			_, _ = io.ReadFull(r.theirs, b[:4])
			close(asked)
		}()
		go func() { <-asked; r.ours.Interrupt() }()
		if _, written, err := r.ours.Exchange([]byte("ping"), make([]byte, 10)); err != sock.ErrInterrupted || !written {
			t.Fatalf("written %v, %v", written, err)
		}
		go func() { _, _ = r.theirs.Write([]byte("pong")) }()
		b := make([]byte, 10)
		if n, err := r.ours.Read(b); err != nil || string(b[:n]) != "pong" {
			t.Errorf("%q %v", b[:n], err)
		}
	})
}

func TestPeek(t *testing.T) {
	ends := map[string]func(r *rig){
		"close_notify and FIN": func(r *rig) { _ = r.theirs.Close() },
		"FIN alone":            func(r *rig) { _ = r.wire.TCPConn.Close() },
		"reset":                func(r *rig) { _ = r.wire.SetLinger(0); _ = r.wire.TCPConn.Close() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			each(t, true, func(t *testing.T, r *rig) {
				if s := r.ours.Peek(); s != sock.Quiet {
					t.Fatalf("state %d of an open connection", s)
				}
				if _, err := r.theirs.Write([]byte("x")); err != nil {
					t.Fatal(err)
				}
				eventually(t, func() bool { return r.ours.Peek() == sock.Readable })
				end(r)
				eventually(t, func() bool { return r.ours.Peek() == sock.Gone })
			})
		})
	}
}

// TestTruncation tells the end that the peer meant from one that anybody can make.
func TestTruncation(t *testing.T) {
	each(t, true, func(t *testing.T, r *rig) {
		_ = r.theirs.Close()
		if _, err := r.ours.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%v, want io.EOF", err)
		}
	})
	each(t, true, func(t *testing.T, r *rig) {
		_ = r.wire.CloseWrite()
		if _, err := r.ours.Read(make([]byte, 1)); err != io.ErrUnexpectedEOF {
			t.Errorf("%v, want io.ErrUnexpectedEOF", err)
		}
	})
}

func TestCloseTellsThePeer(t *testing.T) {
	for name, end := range map[string]func(r *rig) error{
		"Close":      func(r *rig) error { return r.ours.Close() },
		"CloseWrite": func(r *rig) error { return r.ours.CloseWrite() },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, true, func(t *testing.T, r *rig) {
				if err := end(r); err != nil {
					t.Fatal(err)
				}
				if _, err := r.theirs.Read(make([]byte, 1)); err != io.EOF {
					t.Errorf("the peer reads %v, want io.EOF", err)
				}
			})
		})
	}
}

// TestCloseDoesNotWait closes towards a peer that reads nothing.
func TestCloseDoesNotWait(t *testing.T) {
	each(t, true, func(t *testing.T, r *rig) {
		r.ours.ArmWrite(10 * time.Millisecond)
		b := make([]byte, 1<<20)
		var err error
		for range 100 {
			if err = r.ours.WriteVec(b, nil, nil); err != nil {
				break
			}
		}
		if err != sock.ErrTimeout {
			t.Fatalf("%v, want a time-out of writing", err)
		}
		_ = r.ours.Close()
		if _, err := r.ours.Read(b); err == nil || errors.Is(err, sock.ErrTimeout) {
			t.Errorf("%v of a closed connection", err)
		}
	})
}

// TestWriteVec sends pieces of all sizes, small ones in one record.
func TestWriteVec(t *testing.T) {
	big := bytes.Repeat([]byte("b"), 50<<10)
	for _, c := range []struct {
		pieces  [3][]byte
		records int
	}{
		{[3][]byte{[]byte("head"), []byte("body"), []byte("end")}, 1},
		{[3][]byte{[]byte("head"), nil, []byte("end")}, 1},
		{[3][]byte{nil, []byte("body"), nil}, 1},
		{[3][]byte{nil, nil, nil}, 0},
		{[3][]byte{[]byte("head"), big[:16<<10-6], []byte("\r\n")}, 1},
		{[3][]byte{[]byte("head"), big[:16<<10], []byte("end")}, 2},
		{[3][]byte{[]byte("head"), big, []byte("end")}, 4},
		{[3][]byte{big, big, big}, 10},
	} {
		each(t, true, func(t *testing.T, r *rig) {
			r.wire.got = nil
			want := bytes.Join(c.pieces[:], nil)
			go func() {
				if err := r.ours.WriteVec(c.pieces[0], c.pieces[1], c.pieces[2]); err != nil {
					t.Error(err)
				}
				_ = r.ours.CloseWrite()
			}()
			got, err := io.ReadAll(r.theirs)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d of %d bytes, %v", len(got), len(want), err)
			}
			if n := recordsIn(r.wire.got, r.theirs.ConnectionState().Version); n != c.records {
				t.Errorf("%d records for %d bytes, want %d", n, len(want), c.records)
			}
		})
	}
}

// recordsIn counts the records of data, without the last: that is the end's.
func recordsIn(wire []byte, version uint16) (n int) {
	const applicationData = 23
	for len(wire) > 5 {
		if wire[0] == applicationData {
			n++
		}
		wire = wire[min(5+int(wire[3])<<8+int(wire[4]), len(wire)):]
	}
	if version == tls.VersionTLS13 {
		n-- // its alerts look like data
	}
	return n
}

func eventually(t *testing.T, cond func() bool) {
	t.Helper()
	for by := time.Now().Add(20 * time.Second); !cond(); runtime.Gosched() {
		if time.Now().After(by) {
			t.Fatal("never came true")
		}
	}
}
