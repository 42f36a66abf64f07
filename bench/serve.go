package main

import (
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/weirproxy/weir/bench/internal/loop"
	"github.com/weirproxy/weir/bench/internal/origin"
)

// originCommand and loopCommand are the ends that a benchmark starts itself,
// in processes of their own.
func originCommand() *cobra.Command {
	return serving("origin", "Answer every request with 1 KiB", origin.Serve)
}

func loopCommand() *cobra.Command {
	var upstream string
	c := serving("loop", "Pass requests on, as barely as fasthttp can", func(l net.Listener) error {
		return loop.Serve(l, upstream)
	})
	c.Flags().StringVar(&upstream, "upstream", "", "address of the server behind")
	_ = c.MarkFlagRequired("upstream")
	return c
}

func serving(name, short string, serve func(net.Listener) error) *cobra.Command {
	var addr string
	c := &cobra.Command{
		Use: name, Short: short, Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := net.Listen("tcp", addr)
			if err != nil {
				return fmt.Errorf("serving %s: %w", name, err)
			}
			ended := make(chan error, 1)
			go func() { ended <- serve(l) }()
			select {
			case err := <-ended:
				return fmt.Errorf("serving %s: %w", name, err)
			case <-c.Context().Done():
				return l.Close() // what is under way is nobody's any more
			}
		},
	}
	c.Flags().StringVar(&addr, "listen", "127.0.0.1:0", "address to listen at")
	return c
}
