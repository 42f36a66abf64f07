package authz_test

import (
	"testing"

	_ "github.com/weirproxy/weir/filters/authz"
	"github.com/weirproxy/weir/filters/filtertest"
)

func TestScripts(t *testing.T) { filtertest.Run(t, filtertest.Native, "authz", "testdata") }
