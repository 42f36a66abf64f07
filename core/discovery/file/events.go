package file

import (
	"path/filepath"

	"github.com/fsnotify/fsnotify"
)

// events are what the system tells of changes, one watch of it for all files: there
// are few to be had. It is of folders, since a file that is replaced is another
// file.
type events struct{ *fsnotify.Watcher }

// listen begins to listen. Where that cannot be, files are looked at now and then
// alone.
func (s *Source) listen() *events {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		s.log.Warn("changes of files of endpoints are found late: the system does not tell of them", "every", s.every, "err", err)
		return &events{}
	}
	go func() {
		for {
			select {
			case e, ok := <-w.Events:
				if !ok {
					return
				}
				s.changed(filepath.Dir(e.Name))
			case _, ok := <-w.Errors: // some may be lost
				if !ok {
					return
				}
				s.changed("")
			}
		}
	}()
	return &events{w}
}

// add has the folders of a file watched. A folder that cannot be is one that is
// looked at now and then.
func (e *events) add(path string) {
	if e.Watcher == nil {
		return
	}
	for _, f := range folders(path) {
		_ = e.Watcher.Add(f)
	}
}

func (e *events) close() {
	if e.Watcher != nil {
		_ = e.Watcher.Close()
	}
}
