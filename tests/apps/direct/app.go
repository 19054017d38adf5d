// Accepts from the socket that it is given; its version says how it behaves.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

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
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close")
		w.Header().Set("X-Version", version)
		w.Header().Set("X-Nonce", r.Header.Get("X-Nonce"))
		fmt.Fprint(w, version)
	})}
	// Shutdown would close a connection whose request it has not read yet: the listener is closed
	// instead, and the connections are counted.
	var open sync.WaitGroup
	server.ConnState = func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed, http.StateHijacked:
			open.Done()
		}
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	if strings.HasPrefix(os.Getenv("LIVEROLL_HEALTHCHECK"), "/") {
		well := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
		go http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), well)
	}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	<-term
	listener.Close()
	<-served
	open.Wait()
	if strings.HasPrefix(version, "deaf") {
		time.Sleep(10 * time.Minute)
	}
}
