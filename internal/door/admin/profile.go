package admin

import (
	"net/http"
	"net/http/pprof"
)

// profiles serves net/http/pprof, for whoever may reach the socket.
func profiles(mux *http.ServeMux) {
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
}
