package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

var extraHeaders = http.Header{}

func addHeader(text string) error {
	name, value, found := strings.Cut(text, ": ")
	if !found {
		return errors.New("write 'Name: value'")
	}
	extraHeaders.Add(name, value)
	return nil
}

// target is an API server and as whom to speak to it.
type target struct {
	server string
	tls    *tls.Config
}

// kubeconfig is as much of the format as e2e.cluster writes: one cluster, one user with a client certificate.
type kubeconfig struct {
	Clusters []struct {
		Cluster struct {
			Server    string `json:"server"`
			Authority []byte `json:"certificate-authority-data"`
		} `json:"cluster"`
	} `json:"clusters"`
	Users []struct {
		User struct {
			Certificate []byte `json:"client-certificate-data"`
			Key         []byte `json:"client-key-data"`
		} `json:"user"`
	} `json:"users"`
}

func readKubeconfig(path string) (*target, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config kubeconfig
	if err := json.Unmarshal(raw, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) != 1 || len(config.Users) != 1 {
		return nil, errors.New("the kubeconfig must have one cluster and one user")
	}
	user, cluster := config.Users[0].User, config.Clusters[0].Cluster
	pair, err := tls.X509KeyPair(user.Certificate, user.Key)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(cluster.Authority)
	return &target{cluster.Server, &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair}}}, nil
}

// client is one client with a connection of its own.
type client struct {
	server string
	http   *http.Client
}

func (t *target) client() *client {
	transport := &http.Transport{TLSClientConfig: t.tls.Clone(), ForceAttemptHTTP2: true, DisableCompression: true}
	return &client{t.server, &http.Client{Transport: transport, Timeout: 30 * time.Second}}
}

// do sends one request; one that got no answer has status 0 and its error as message.
func (c *client) do(next planned) result {
	request, err := http.NewRequest(next.Method, c.server+next.Path, strings.NewReader(next.Body))
	if err != nil {
		return result{Message: err.Error()}
	}
	request.Header = extraHeaders.Clone()
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "kubeapprove-bench")
	if next.Type != "" {
		request.Header.Set("Content-Type", next.Type)
	}
	started := time.Now()
	answer, err := c.http.Do(request)
	if err != nil {
		return result{Message: err.Error()}
	}
	body, err := io.ReadAll(answer.Body)
	took := float64(time.Since(started).Microseconds()) / 1000
	_ = answer.Body.Close()
	if err != nil {
		return result{Message: err.Error()}
	}
	done := result{Milliseconds: took, Status: answer.StatusCode}
	if answer.StatusCode >= 300 {
		var refusal struct{ Reason, Message string }
		_ = json.Unmarshal(body, &refusal) // what is no Status tells nothing more than its code
		done.Reason, done.Message = refusal.Reason, refusal.Message
	}
	return done
}
