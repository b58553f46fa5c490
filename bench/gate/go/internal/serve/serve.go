// Package serve answers AdmissionReviews over TLS until SIGTERM: what every Go webhook shares.
package serve

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"net/http"
	"os/signal"
	"syscall"
	"time"
)

// MaxBody bounds a review in bytes; controller-runtime's bound.
const MaxBody = 7 << 20

// Listening says where, with which certificate.
type Listening struct{ address, certificate, key string }

// Flags registers the flags of Listening.
func Flags() *Listening {
	where := &Listening{}
	flag.StringVar(&where.address, "listen", "127.0.0.1:0", "address and port")
	flag.StringVar(&where.certificate, "cert", "", "serving certificate, PEM file")
	flag.StringVar(&where.key, "key", "", "its key, PEM file")
	return where
}

// Run serves `answer`, which gets a review's bytes and returns those of the answer. HTTP/2 is on, as Go has it.
func Run(where *Listening, answer func(context.Context, []byte) ([]byte, error)) {
	handler := func(writer http.ResponseWriter, request *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(writer, request.Body, MaxBody))
		if err == nil {
			body, err = answer(request.Context(), body)
		}
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		writer.Header().Set("Content-Type", "application/json")
		_, _ = writer.Write(body) // who hung up reads no error either
	}
	server := &http.Server{
		Addr: where.address, Handler: http.HandlerFunc(handler), ReadHeaderTimeout: 10 * time.Second,
	}
	ending, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go func() {
		<-ending.Done()
		_ = server.Close()
	}()
	if err := server.ListenAndServeTLS(where.certificate, where.key); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
