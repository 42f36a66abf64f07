package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
)

// maxFile bounds a configuration file, in bytes.
const maxFile = 16 << 20

// Overrides is what stands above the file.
type Overrides struct {
	// Role is the --role flag's, "" without one. It stands above WEIR_ROLE,
	// which stands above the file.
	Role Role
	// Set are settings as lines of the file, `sidecar.app = "127.0.0.1:9000"`: those
	// of --set, by which processes differ that share one file. Each stands above
	// the file and those before it.
	Set []string
	// LookupEnv is where WEIR_ROLE and the secrets of the environment are
	// looked up. nil is [os.LookupEnv].
	LookupEnv func(name string) (string, bool)
}

// Load reads a configuration file. All that is wrong with it is in the error,
// a [Problems]. Paths in the file are relative to the file's folder and come
// out absolute or relative to the working directory, as path is.
func Load(path string, o Overrides) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data, o)
}

// readFile is a file's content. Its error is a [Problems].
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, Problems{{File: path, Message: fmt.Sprintf("opening the configuration: %v", unwrapped(err))}}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, Problems{{File: path, Message: fmt.Sprintf("reading the configuration: %v", unwrapped(err))}}
	case len(data) > maxFile:
		return nil, Problems{{File: path, Message: fmt.Sprintf("reading the configuration: it has more than %v", Size(maxFile))}}
	}
	return data, nil
}

// unwrapped is an error of package os without the path, which Problem names.
func unwrapped(err error) error {
	if e, ok := errors.AsType[*os.PathError](err); ok {
		return e.Err
	}
	return err
}

// Parse is [Load] for a file's content. name is its path.
func Parse(name string, data []byte, o Overrides) (*Config, error) {
	if o.LookupEnv == nil {
		o.LookupEnv = os.LookupEnv
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	file, problem := parseTOML(name, text)
	if problem != nil {
		return nil, Problems{*problem}
	}
	if file == nil {
		file = map[string]any{}
	}
	set, wrong := lay(o.Set, file)
	role, problem := chooseRole(file, o)
	d := &decoder{side: role.Sides()[0], secrets: secretReader{filepath.Dir(name), o.LookupEnv}}
	c := d.over(file, role)
	d.merge(c.check())
	places := findLines(text)
	problems := append(wrong, d.in(name, places).ofSettings(set, places)...)
	if problem != nil {
		problems = append(Problems{*problem}, problems...)
	}
	if len(problems) > 0 {
		return nil, problems
	}
	c.source = &source{name, places, set}
	if role == RoleGatewaySidecar {
		beside := &decoder{side: SideInbound, secrets: d.secrets}
		c.join(beside.over(file, role))
	}
	return c, nil
}

// over lays the file over the defaults of the decoder's side.
func (d *decoder) over(file map[string]any, role Role) *Config {
	c := defaultsOf(d.side)
	d.structure(file, reflect.ValueOf(c).Elem(), "")
	if c.Role != "" && c.Role.Sides() == nil {
		d.add("role", "unknown value %q%s", c.Role, DidYouMean(string(c.Role), RoleNames()))
	}
	c.Role = role
	c.complete(d.side, d.secrets.dir)
	return c
}

// chooseRole is the role that stands highest. A problem is of a role from
// outside the file; one in the file is found with everything else.
func chooseRole(file map[string]any, o Overrides) (Role, *Problem) {
	from, role := "--role", o.Role
	if role == "" {
		env, _ := o.LookupEnv("WEIR_ROLE")
		from, role = "WEIR_ROLE", Role(env)
	}
	if role != "" {
		if role.Sides() == nil {
			return RoleGateway, &Problem{Key: from, Message: fmt.Sprintf("unknown role %q%s", role, DidYouMean(string(role), RoleNames()))}
		}
		return role, nil
	}
	if s, ok := file["role"].(string); ok && Role(s).Sides() != nil {
		return Role(s), nil
	}
	return RoleGateway, nil
}
