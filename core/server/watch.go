package server

import (
	"context"
	"maps"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Files are read once two looks at them, this far apart, show the same: editors,
// compilers and deployments write in several steps.
const settleTime = 150 * time.Millisecond

// watch reloads when a file of the configuration changes: proxy.toml or a
// module. It watches folders: a file that is replaced, or a link that is turned,
// is another file.
func (s *Server) watch(ctx context.Context) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.Warn("the configuration's files are not watched; reload by SIGHUP", "file", s.opt.File, "err", err)
		return
	}
	defer w.Close()
	t := time.NewTimer(settleTime)
	t.Stop()
	looking := false
	// Events that come while it is looked do not put it off: something else in
	// the folder may be written all the time.
	soon := func() {
		if !looking {
			looking = true
			t.Reset(settleTime)
		}
	}
	var last map[string]sight
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.seen.news:
			s.watchFolders(w)
			soon() // for what changed before it was watched
		case <-w.Events:
			s.foresee(ctx)
			soon()
		case err := <-w.Errors:
			s.log.Warn("watching the configuration's files", "err", err)
			soon() // events may be lost
		case <-t.C:
			now, changed := s.lookAgain(last)
			if looking = changed && !maps.Equal(now, last); looking {
				s.foresee(ctx)
				t.Reset(settleTime)
			} else if changed {
				_ = s.Reload(ctx) // it has told the log
			}
			last = now
		}
	}
}

// watchFolders begins to watch where the files are. What is watched already
// stays so.
func (s *Server) watchFolders(w *fsnotify.Watcher) {
	s.reload.Lock()
	defer s.reload.Unlock()
	for _, folder := range s.seen.folders() {
		if err := w.Add(folder); err != nil {
			s.log.Warn("a folder of the configuration is not watched; reload by SIGHUP", "folder", folder, "err", err)
		}
	}
}

// lookAgain glances at the files. changed says whether they differ from what was
// read; where they are as at the last glance, their content was compared.
func (s *Server) lookAgain(last map[string]sight) (now map[string]sight, changed bool) {
	s.reload.Lock()
	defer s.reload.Unlock()
	now = s.seen.glances()
	switch {
	case s.seen.same(now):
		return now, false
	case !maps.Equal(now, last):
		return now, true
	}
	return now, s.seen.changed()
}
