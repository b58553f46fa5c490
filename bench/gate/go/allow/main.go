// allow is the least that a validating webhook can do: read the review, answer yes. Standard library only.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"

	"kubeapprove.invalid/bench/gate/internal/serve"
)

type review struct {
	APIVersion string    `json:"apiVersion"`
	Kind       string    `json:"kind"`
	Request    *request  `json:"request,omitempty"`
	Response   *response `json:"response,omitempty"`
}

// request keeps both objects as they came: who allows everything need not look into them.
type request struct {
	UID       string          `json:"uid"`
	Object    json.RawMessage `json:"object,omitempty"`
	OldObject json.RawMessage `json:"oldObject,omitempty"`
}

type response struct {
	UID     string `json:"uid"`
	Allowed bool   `json:"allowed"`
}

func main() {
	where := serve.Flags()
	flag.Parse()
	serve.Run(where, func(_ context.Context, body []byte) ([]byte, error) {
		var asked review
		if err := json.Unmarshal(body, &asked); err != nil {
			return nil, err
		}
		if asked.Request == nil {
			return nil, errors.New("a review without a request")
		}
		answer := review{asked.APIVersion, asked.Kind, nil, &response{asked.Request.UID, true}}
		return json.Marshal(answer)
	})
}
