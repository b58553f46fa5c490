// gate is what a gate like ours costs in Go: for a change that is approved it makes the same three calls, with
// client-go: GET the approval from the watch cache, a SubjectAccessReview for who approved, one conditional PATCH.
//
// It is no gate to use. It finds the approval by the object's name, hashes the object but compares the hash with
// nothing, and knows no never-list, no diff, no hidden values, no dry run, no second pass, and no retry on a conflict.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"time"

	admission "k8s.io/api/admission/v1"
	authorization "k8s.io/api/authorization/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	access "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/tools/clientcmd"

	"kubeapprove.invalid/bench/gate/internal/serve"
)

const timeFormat = "2006-01-02T15:04:05.000000Z"

var resource = schema.GroupVersionResource{Group: "kubeapprove.io", Version: "v1alpha1", Resource: "manifestapprovals"}

type gate struct {
	approvals dynamic.NamespaceableResourceInterface
	reviews   access.SubjectAccessReviewInterface
}

func main() {
	where := serve.Flags()
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig of the gate's ServiceAccount")
	flag.Parse()
	judge, err := connect(*kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	serve.Run(where, judge.answer)
}

func connect(kubeconfig string) (*gate, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 1e6, 1e6 // client-go's own throttle, 5 a second by default, is not what is measured
	approvals, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	reviews, err := access.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	return &gate{approvals.Resource(resource), reviews.SubjectAccessReviews()}, nil
}

func (g *gate) answer(ctx context.Context, body []byte) ([]byte, error) {
	var review admission.AdmissionReview
	if err := json.Unmarshal(body, &review); err != nil {
		return nil, err
	}
	if review.Request == nil {
		return nil, errors.New("a review without a request")
	}
	review.Response = &admission.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	hash, err := hashOf(review.Request.Object.Raw)
	if err == nil {
		review.Response.AuditAnnotations = map[string]string{"manifest-hash": hash}
		err = g.use(ctx, review.Request)
	}
	if err != nil {
		review.Response.Allowed = false
		review.Response.Result = &meta.Status{Code: 403, Reason: "NotApproved", Message: err.Error()}
	}
	review.Request = nil
	return json.Marshal(&review)
}

// hashOf is SHA-256 over the object's JSON with sorted keys, without what the server gives to each try anew.
func hashOf(raw []byte) (string, error) {
	var object map[string]any
	if err := json.Unmarshal(raw, &object); err != nil {
		return "", err
	}
	if metadata, ok := object["metadata"].(map[string]any); ok {
		for _, key := range []string{"uid", "creationTimestamp", "resourceVersion", "generation", "managedFields"} {
			delete(metadata, key)
		}
	}
	sorted, err := json.Marshal(object)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(sorted)
	return "sha256:" + hex.EncodeToString(digest[:]), nil
}

// use spends the approval of a change; nil only after the write that proves it.
func (g *gate) use(ctx context.Context, request *admission.AdmissionRequest) error {
	approvals := g.approvals.Namespace(request.Namespace)
	approval, err := approvals.Get(ctx, "gate-"+request.Name, meta.GetOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}
	if _, spent, _ := unstructured.NestedMap(approval.Object, "status", "claim"); spent {
		return errors.New("the approval is spent")
	}
	if err := g.judge(ctx, approval); err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": approval.GetResourceVersion()},
		"status": map[string]any{
			"phase": "Consumed",
			"claim": map[string]any{
				"requestUID": request.UID, "at": time.Now().UTC().Format(timeFormat), "objectVersion": "",
			},
		},
	})
	if err != nil {
		return err
	}
	_, err = approvals.Patch(ctx, approval.GetName(), types.MergePatchType, patch, meta.PatchOptions{}, "status")
	return err
}

// judge is nil where one decision for this very approval is by somebody who may approve, and in time.
func (g *gate) judge(ctx context.Context, approval *unstructured.Unstructured) error {
	until, _, _ := unstructured.NestedString(approval.Object, "spec", "pendingUntil")
	decisions, _, _ := unstructured.NestedMap(approval.Object, "spec", "decisions")
	for _, entry := range decisions {
		decision, _ := entry.(map[string]any)
		at, _ := decision["at"].(string)
		if decision["for"] != string(approval.GetUID()) || decision["verdict"] != "Approved" || at > until {
			continue
		}
		user, _, _ := unstructured.NestedString(decision, "by", "username")
		groups, _, _ := unstructured.NestedStringSlice(decision, "groups")
		allowed, err := g.may(ctx, user, groups, approval)
		if err != nil {
			return err
		}
		if allowed {
			return nil
		}
	}
	return fmt.Errorf("%s is not approved", approval.GetName())
}

func (g *gate) may(ctx context.Context, user string, groups []string, approval *unstructured.Unstructured) (bool, error) {
	review := &authorization.SubjectAccessReview{Spec: authorization.SubjectAccessReviewSpec{
		User: user, Groups: groups,
		ResourceAttributes: &authorization.ResourceAttributes{
			Group: resource.Group, Version: resource.Version, Resource: resource.Resource, Verb: "approve",
			Namespace: approval.GetNamespace(), Name: approval.GetName(),
		},
	}}
	answered, err := g.reviews.Create(ctx, review, meta.CreateOptions{})
	if err != nil {
		return false, err
	}
	return answered.Status.Allowed && !answered.Status.Denied, nil
}
