// Accepts from the socket that it is given; its version says how it behaves.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// So long clients may use the connections that they have.
const idleGrace = 2 * time.Second

func publicSocket() int {
	if os.Getenv("LISTEN_PID") == strconv.Itoa(os.Getpid()) {
		return 3
	}
	first := strings.Split(os.Getenv("SERVER_STARTER_PORT"), ";")[0]
	fd, err := strconv.Atoi(first[strings.LastIndex(first, "=")+1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "no socket was passed")
		os.Exit(1)
	}
	return fd
}

func main() {
	version := os.Getenv("LIVEROLL_ID")
	fd := publicSocket()
	if strings.HasPrefix(version, "dies") {
		os.Exit(7)
	}
	if strings.HasPrefix(version, "hangs") {
		time.Sleep(10 * time.Minute)
	}
	listener, err := net.FileListener(os.NewFile(uintptr(fd), "public"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	server, served := newServer(version), make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if strings.HasPrefix(os.Getenv("LIVEROLL_HEALTHCHECK"), "/") {
		well := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		go http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), well)
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	<-term
	server.drain(listener, served)
	if strings.HasPrefix(version, "deaf") {
		time.Sleep(10 * time.Minute)
	}
}

// A server that can end without losing a request.
type graceful struct {
	http.Server
	open     atomic.Int64
	draining atomic.Bool
}

func newServer(version string) *graceful {
	server := &graceful{}
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			server.open.Add(1)
		case http.StateClosed, http.StateHijacked:
			server.open.Add(-1)
		}
	}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if server.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		w.Header().Set("X-Version", version)
		w.Header().Set("X-Nonce", r.Header.Get("X-Nonce"))
		fmt.Fprint(w, version)
	})
	return server
}

// Shutdown comes last, for connections that nobody uses: from its beginning on, a request that is
// read is not answered any more, whenever it was sent (https://github.com/golang/go/issues/65802).
func (server *graceful) drain(listener net.Listener, served <-chan error) {
	server.draining.Store(true)
	listener.Close()
	<-served
	for until := time.Now().Add(idleGrace); server.open.Load() > 0 && time.Now().Before(until); {
		time.Sleep(5 * time.Millisecond)
	}
	server.Shutdown(context.Background())
}
