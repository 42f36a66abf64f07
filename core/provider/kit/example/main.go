// Example is a provider that knows services from a folder: a file for each, with
// an address and a weight on each line.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/weirproxy/weir/core/provider/kit"
)

func main() { kit.Serve(configure) }

func configure(_ context.Context, config []byte) (kit.Discovery, error) {
	var f folder
	if err := kit.Decode(config, &f); err != nil {
		return nil, err
	}
	if _, err := os.ReadDir(f.Folder); err != nil {
		return nil, err
	}
	return f, nil
}

type folder struct {
	Folder string `json:"folder"`
}

// Watch implements kit.Discovery. It looks at the file now and then.
func (f folder) Watch(ctx context.Context, service string, publish func([]kit.Endpoint)) error {
	name, last := filepath.Join(f.Folder, filepath.Base(service)), ""
	for ctx.Err() == nil {
		text, err := os.ReadFile(name)
		if err != nil {
			return err // what was published last stays in use
		}
		if now := string(text); now != last {
			list, err := parse(now)
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			publish(list)
			kit.Log.Info("published", "service", service, "endpoints", len(list))
			last = now
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	return nil
}

func parse(text string) (list []kit.Endpoint, err error) {
	for line := range strings.Lines(text) {
		var e kit.Endpoint
		if _, err := fmt.Sscan(line, &e.Addr, &e.Weight); err != nil {
			return nil, fmt.Errorf("line %q is not an address and a weight: %w", line, err)
		}
		list = append(list, e)
	}
	return list, nil
}
