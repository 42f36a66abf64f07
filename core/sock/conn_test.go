package sock_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/weirproxy/weir/core/sock"
)

// pair is one of our connections and the plain one at its other end.
func pair(t testing.TB, r *sock.Reaper) (*sock.Conn, *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ours, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	c, err := sock.New(ours.(*net.TCPConn), r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(); _ = theirs.Close() })
	return c, theirs.(*net.TCPConn)
}

func reaper(t testing.TB) *sock.Reaper {
	r := sock.NewReaper(time.Millisecond)
	t.Cleanup(r.Close)
	return r
}

func write(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := c.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

func expect(t testing.TB, c io.Reader, text string) {
	t.Helper()
	b := make([]byte, len(text))
	if _, err := io.ReadFull(c, b); err != nil || string(b) != text {
		t.Fatalf("read %q, %v, want %q", b, err, text)
	}
}

// eventually waits until a condition holds.
func eventually(cond func() bool) {
	for !cond() {
		runtime.Gosched()
	}
}

func TestReadAndWrite(t *testing.T) {
	c, peer := pair(t, nil)
	write(t, peer, "hello")
	expect(t, c, "hello")
	write(t, c, "world")
	expect(t, peer, "world")
	if n, err := c.Read(nil); n != 0 || err != nil {
		t.Errorf("an empty read: %d, %v", n, err)
	}
	if err := c.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := peer.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the peer reads %v, want EOF", err)
	}
	write(t, peer, "more") // half of it is still open
	expect(t, c, "more")
	_ = peer.Close()
	if _, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("reading behind the end: %v, want EOF", err)
	}
	if c.Remote().String() != c.RemoteAddr().String() || c.Local().String() != c.LocalAddr().String() {
		t.Errorf("addresses %v, %v", c.Remote(), c.Local())
	}
}

// Large pieces to a slow reader arrive whole and in order, however they lie in
// the three buffers.
func TestWriteVec(t *testing.T) {
	big := func(n int, b byte) []byte { return bytes.Repeat([]byte{b}, n) }
	const mib = 1 << 20
	for _, v := range [][3][]byte{
		{nil, nil, nil}, {big(1, 'a'), nil, big(1, 'c')}, {nil, big(5, 'b'), nil}, {big(10, 'a'), big(3*mib, 'b'), big(10, 'c')},
		{big(3*mib, 'a'), big(10, 'b'), big(3*mib, 'c')}, {big(256<<10, 'a'), big(256<<10+1, 'b'), big(1, 'c')},
		{big(100<<10, 'a'), big(200<<10, 'b'), big(300<<10, 'c')},
	} {
		c, peer := pair(t, nil)
		want := bytes.Join(v[:], nil)
		done := make(chan error, 1)
		go func() { done <- errors.Join(c.WriteVec(v[0], v[1], v[2]), c.CloseWrite()) }()
		var got []byte
		b := make([]byte, 64<<10)
		for {
			n, err := peer.Read(b)
			got = append(got, b[:n]...)
			if err != nil {
				break
			}
		}
		if err := <-done; err != nil || !bytes.Equal(got, want) {
			t.Errorf("%d, %d, %d: %v, %d bytes came", len(v[0]), len(v[1]), len(v[2]), err, len(got))
		}
	}
}

func TestWriteToOneThatIsGone(t *testing.T) {
	c, peer := pair(t, nil)
	_ = peer.SetLinger(0)
	_ = peer.Close()
	eventually(func() bool { return c.Peek() == sock.Gone })
	_, err := c.Write([]byte("x"))
	if err == nil {
		_, err = c.Write([]byte("x"))
	}
	if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, want EPIPE or ECONNRESET", err)
	}
}

func TestPeek(t *testing.T) {
	c, peer := pair(t, nil)
	state := func(want sock.State) {
		t.Helper()
		eventually(func() bool { return c.Peek() == want })
	}
	state(sock.Quiet)
	write(t, peer, "x")
	state(sock.Readable)
	expect(t, c, "x") // a look takes nothing away
	state(sock.Quiet)
	_ = peer.CloseWrite()
	state(sock.Gone)
	if !c.HalfClosed() {
		t.Error("the peer has only ended its half")
	}
	write(t, c, "y")
	expect(t, peer, "y")
	_ = peer.SetLinger(0)
	_ = peer.Close()
	eventually(func() bool { return !c.HalfClosed() })
	_ = c.Close()
	if c.Peek() != sock.Gone || c.HalfClosed() {
		t.Error("closed, and still there")
	}
}

func TestCloseWakesWaiters(t *testing.T) {
	r := reaper(t)
	c, _ := pair(t, r)
	done := make(chan error, 2)
	go func() {
		_, err := c.Read(make([]byte, 1))
		done <- err
	}()
	go func() {
		_, err := c.Write(make([]byte, 64<<20))
		done <- err
	}()
	if r.Len() != 1 {
		t.Fatal("the connection is not watched")
	}
	_ = c.Close()
	_ = c.Close()
	for range 2 {
		if err := <-done; !errors.Is(err, net.ErrClosed) {
			t.Errorf("%v, want ErrClosed", err)
		}
	}
	if r.Len() != 0 {
		t.Error("a closed connection is still watched")
	}
}

func TestAbortResets(t *testing.T) {
	c, peer := pair(t, nil)
	write(t, c, "half a mess")
	if err := c.Abort(); err != nil {
		t.Fatal(err)
	}
	_, err := io.ReadAll(peer)
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the peer reads %v, want a reset", err)
	}
}
