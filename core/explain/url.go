package explain

import (
	"fmt"
	"strings"
)

// splitURL takes an absolute URL apart. The path stays as it is written: whoever
// asks wants to know what becomes of it.
func splitURL(url string) (scheme, authority, path string, err error) {
	if len(url) > maxURL {
		return "", "", "", fmt.Errorf("the URL has more than %d bytes", maxURL)
	}
	scheme, rest, ok := strings.Cut(url, "://")
	scheme = strings.ToLower(scheme)
	if !ok || scheme != "http" && scheme != "https" {
		return "", "", "", fmt.Errorf("URL %q: write it with its scheme and host, like \"https://api.example.com/orders\"", url)
	}
	authority, path = rest, "/"
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		if authority, path = rest[:i], rest[i:]; path[0] != '/' {
			path = "/" + path
		}
	}
	switch {
	case authority == "":
		err = fmt.Errorf("URL %q: there is no host", url)
	case strings.ContainsAny(authority, " \t@\\") || !printable(authority):
		err = fmt.Errorf("URL %q: the host has characters that none has; a user and password belong into a field authorization", url)
	case strings.Contains(path, "#"):
		err = fmt.Errorf("URL %q: a fragment is never sent; leave out what begins with \"#\"", url)
	case !printable(path):
		err = fmt.Errorf("URL %q: escape what is not printable ASCII, as in %q", url, "/a%20b")
	}
	return scheme, authority, path, err
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
