// Package guest is a filter that does what its configuration says: one module
// for all cases of a differential test, so that a proxy compiles one alone.
//
//	p := guest.Program{
//		guest.On("request_headers",
//			guest.Ask("get_header_map_value", 0, "user-agent", guest.Text),
//			guest.When(guest.Param(2), 0, guest.Ret(1)),
//		),
//	}
//	configuration := p.String()
//
// What a host function answered the guest logs, a line each:
//
//	get_header_map_value=0 curl/8.0
//
// A program is bytecode, written in hexadecimal because configurations are
// text. The plugin's configuration holds it, or the VM's: then the plugin's
// may be anything.
//
// Start at [Program] for what it can say, at [Binary] for how it does it.
package guest
