package intercept

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// print is the plan in words of the tool that would be told.
func (p *plan) print() string {
	if p.backend == "nftables" {
		return "# nft -f -\n" + p.nftables()
	}
	out := "# iptables-restore --noflush\n" + p.iptables(false, "")
	if hasIPv6() {
		out += "# ip6tables-restore --noflush\n" + p.iptables(true, "")
	}
	return out
}

// on sets the plan up, and then removes what the other tool was told before.
func (p *plan) on() error {
	if p.backend == "nftables" {
		if _, err := tell("nft", p.nftables(), "-f", "-"); err != nil {
			return err
		}
		return withdraw(false)
	}
	for _, v := range families() {
		before, err := v.save()
		if err == nil {
			err = v.restore(p.iptables(v.v6, before))
		}
		if err != nil {
			return errors.Join(err, withdraw(false)) // half of it is worse than nothing
		}
	}
	return drop(false)
}

// off removes what either tool was told. One of them has to be there.
func off() error {
	_, nft := find("nft")
	_, tables := find("iptables-save")
	if nft != nil && tables != nil {
		return nft
	}
	return errors.Join(drop(tables != nil), withdraw(nft != nil))
}

// drop removes our table of nftables. The tool may be missing where it is not needed.
func drop(needed bool) error {
	if _, err := find("nft"); err != nil && !needed {
		return nil
	}
	_, err := tell("nft", removal, "-f", "-")
	return err
}

// withdraw removes our chains of iptables, likewise.
func withdraw(needed bool) error {
	if _, err := find("iptables-save"); err != nil && !needed {
		return nil
	}
	var problems []error
	for _, v := range families() {
		before, err := v.save()
		if text := withdrawal(before); err == nil && text != "" {
			err = v.restore(text)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// family is a version of IP, and the tools that have tables of it.
type family struct {
	prefix string
	v6     bool
}

func families() []family {
	if hasIPv6() {
		return []family{{"ip", false}, {"ip6", true}}
	}
	return []family{{"ip", false}}
}

// hasIPv6 says whether the kernel speaks IPv6.
func hasIPv6() bool {
	_, err := os.Stat("/proc/net/if_inet6")
	return err == nil
}

func (v family) save() (string, error) { return tell(v.prefix+"tables-save", "", "-t", "nat") }

func (v family) restore(text string) error {
	_, err := tell(v.prefix+"tables-restore", text, "--noflush", "--wait")
	return err
}

// packages are where the tools come from, and which other backend does without.
var packages = map[bool]string{
	true:  "install the package nftables, or set sidecar.intercept.backend = \"iptables\"",
	false: "install the package iptables, or set sidecar.intercept.backend = \"nftables\"",
}

// find is where a tool is: it may stand where only root's PATH leads.
func find(tool string) (string, error) {
	if path, err := exec.LookPath(tool); err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin", "/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, tool)); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s is not on this machine; %s", tool, packages[tool == "nft"])
}

// tell runs a tool, and says why it failed.
func tell(tool, input string, args ...string) (string, error) {
	path, err := find(tool)
	if err != nil {
		return "", err
	}
	cmd := exec.Command(path, args...)
	var out, wrong bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &out, &wrong
	err = cmd.Run()
	said := strings.TrimSpace(wrong.String())
	switch {
	case err == nil:
		return out.String(), nil
	case os.Geteuid() != 0, strings.Contains(said, "not permitted"), strings.Contains(said, "ermission denied"):
		return "", fmt.Errorf("running %s: %w: %s; it needs the capability CAP_NET_ADMIN: run it as root", tool, err, said)
	}
	return "", fmt.Errorf("running %s: %w: %s", tool, err, said)
}
