package report

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Machine is where it ran: what its figures depend on, and nothing that tells
// whose it is.
type Machine struct {
	CPUs    int    `json:"cpus"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Model   string `json:"model,omitempty"`      // of the CPUs
	Virtual bool   `json:"virtual,omitempty"`    // a hypervisor shares them out
	Memory  int64  `json:"memory_mib,omitempty"` // MiB
	Kernel  string `json:"kernel,omitempty"`     // as in "6.1.0"
}

// Here is this machine. What it does not tell is left out.
func Here() Machine {
	m := Machine{CPUs: runtime.NumCPU(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.Model, m.Virtual = readCPU(b)
	}
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		m.Kernel = release(unix.ByteSliceToString(name.Release[:]))
	}
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) == nil {
		m.Memory = int64(uint64(info.Totalram) * uint64(info.Unit) >> 20)
	}
	return m
}

// readCPU reads the first processor of /proc/cpuinfo: lines such as
// "model name : AMD EPYC".
func readCPU(text []byte) (model string, virtual bool) {
	first, _, _ := bytes.Cut(text, []byte("\n\n"))
	for line := range strings.Lines(string(first)) {
		name, value, _ := strings.Cut(line, ":")
		switch value = strings.TrimSpace(value); strings.TrimSpace(name) {
		case "model name":
			model = value
		case "flags":
			virtual = strings.Contains(" "+value+" ", " hypervisor ")
		}
	}
	return model, virtual
}

// release is a kernel's without the name of who built it.
func release(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
	if end < 0 {
		return text
	}
	return text[:end]
}

// String is the machine in a line.
func (m Machine) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d CPUs", m.CPUs)
	if m.Virtual {
		b.WriteString(" of a virtual machine")
	}
	if m.Model != "" {
		fmt.Fprintf(&b, " (%s)", m.Model)
	}
	if m.Memory > 0 {
		fmt.Fprintf(&b, ", %s GiB of memory", number(float64(m.Memory)/1024))
	}
	fmt.Fprintf(&b, ", %s", m.OS)
	if m.Kernel != "" {
		fmt.Fprintf(&b, " %s", m.Kernel)
	}
	fmt.Fprintf(&b, ", %s", m.Arch)
	return b.String()
}

// like says whether times of both can be compared: as far as both tell, they have
// the same CPUs. The kernel may be another.
func (m Machine) like(o Machine) bool {
	return m.CPUs == o.CPUs && m.OS == o.OS && m.Arch == o.Arch && (m.Model == o.Model || m.Model == "" || o.Model == "")
}

// Program is one that was measured, or took part, and its version.
type Program struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Took notes that a program took part, once.
func (r *Report) Took(name, version string) {
	if r.version(name) == "" {
		r.Programs = append(r.Programs, Program{name, version})
	}
}

// version is a program's, "" for one that took no part.
func (r *Report) version(name string) string {
	for _, p := range r.Programs {
		if p.Name == name {
			return p.Version
		}
	}
	return ""
}

// programs are all in a line.
func (r *Report) programs() string {
	var all []string
	for _, p := range r.Programs {
		all = append(all, p.Name+" "+p.Version)
	}
	return strings.Join(all, ", ")
}
