// Command probe is what tests put into Pods that need no program of the project: a server that says which Pod answered,
// and the client side of the questions that a test asks from inside a Pod.
//
//	probe serve [:8080]          answer each request with the host name
//	probe get [-token FILE] [-ca FILE] URL    print the answer's status and body
//	probe resolve NAME           print its addresses
//	probe refuse CERTIFICATE KEY [:8443]    be an admission webhook that allows nothing and says which Pod it is
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("usage: probe serve|get|resolve|refuse"))
	}
	var err error
	switch arguments := os.Args[2:]; os.Args[1] {
	case "serve":
		err = serve(arguments)
	case "get":
		err = get(arguments)
	case "refuse":
		err = refuse(arguments)
	case "resolve":
		err = resolve(arguments)
	default:
		err = fmt.Errorf("no such command: %s", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "probe:", err)
	os.Exit(1)
}

func serve(arguments []string) error {
	address := ":8080"
	if len(arguments) > 0 {
		address = arguments[0]
	}
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-ending; os.Exit(0) }()
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Println("serving as", name)
	return http.Serve(listener, http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(writer, name)
	}))
}

func refuse(arguments []string) error {
	if len(arguments) < 2 {
		return fmt.Errorf("refuse takes a certificate and its key")
	}
	address := ":8443"
	if len(arguments) > 2 {
		address = arguments[2]
	}
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	fmt.Println("refusing as", name)
	handler := func(writer http.ResponseWriter, request *http.Request) {
		var review struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Request    struct {
				UID string `json:"uid"`
			} `json:"request"`
		}
		if err := json.NewDecoder(request.Body).Decode(&review); err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		writer.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(writer).Encode(map[string]any{
			"apiVersion": review.APIVersion,
			"kind":       review.Kind,
			"response": map[string]any{
				"uid":     review.Request.UID,
				"allowed": false,
				"status":  map[string]any{"code": http.StatusForbidden, "message": "refused by " + name},
			},
		})
	}
	return http.ListenAndServeTLS(address, arguments[0], arguments[1], http.HandlerFunc(handler))
}

func get(arguments []string) error {
	flags := flag.NewFlagSet("get", flag.ContinueOnError)
	tokenFile := flags.String("token", "", "file with a bearer token")
	caFile := flags.String("ca", "", "file with the CA of the server")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodGet, flags.Arg(0), nil)
	if err != nil {
		return err
	}
	if *tokenFile != "" {
		token, err := os.ReadFile(*tokenFile)
		if err != nil {
			return err
		}
		request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
	}
	transport := &http.Transport{}
	if *caFile != "" {
		pem, err := os.ReadFile(*caFile)
		if err != nil {
			return err
		}
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(pem)
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client := &http.Client{Timeout: 5 * time.Second, Transport: transport}
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	fmt.Println(answer.StatusCode)
	_, err = io.Copy(os.Stdout, answer.Body)
	return err
}

func resolve(arguments []string) error {
	addresses, err := net.LookupHost(strings.Join(arguments, ""))
	if err != nil {
		return err
	}
	fmt.Println(strings.Join(addresses, "\n"))
	return nil
}
