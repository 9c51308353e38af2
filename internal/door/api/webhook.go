package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/practice/webhook"
)

// hooking registers what is done with webhooks.
func (s *Server) hooking() {
	tags := []string{"webhooks"}
	register(s, huma.Operation{OperationID: "listWebhooks", Method: http.MethodGet, Path: "/webhooks", Tags: tags,
		Summary: "List the account's webhooks, by name", Description: "No other account sees them."}, s.listWebhooks, BadCursor)
	register(s, huma.Operation{OperationID: "addWebhook", Method: http.MethodPost, Path: "/webhooks", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Send objects to an address as they come",
		Description: "Each object that the account may see when it is sent is POSTed as `{\"type\":\"object\",\"collection\":…,\"added\":…,\"object\":…}`, one after the other, signed as Standard Webhooks has it: " +
			"`webhook-signature` is `v1,` and the HMAC-SHA256 in base64 of `webhook-id`, `webhook-timestamp` and the body with points between them, keyed by the bytes behind `whsec_` of the secret, which is shown this once. " +
			"What is not answered with a status of 2xx is tried again after 5 s, 30 s, 2, 10, 30 minutes and 2 hours, then listed as failed. Messages come at least once; `webhook-id` stays. An account of the own member may have 10."},
		s.addWebhook, Exists, NotFound, Forbidden, StorageFull)
	register(s, huma.Operation{OperationID: "removeWebhook", Method: http.MethodDelete, Path: "/webhooks/{webhook}", Tags: tags,
		Summary: "Send to an address no longer"}, s.removeWebhook, NotFound, StorageFull)
	register(s, huma.Operation{OperationID: "testWebhook", Method: http.MethodPost, Path: "/webhooks/{webhook}/test", Tags: tags,
		Summary: "Send a message without an object, and tell how it was taken"}, s.testWebhook, NotFound)
	register(s, huma.Operation{OperationID: "listFailedMessages", Method: http.MethodGet, Path: "/webhooks/{webhook}/failed", Tags: tags,
		Summary:     "List the messages of a webhook that were not taken, the oldest first",
		Description: "What failed is kept without its content, up to 1,000; then the webhook waits."}, s.listFailed, NotFound)
	register(s, huma.Operation{OperationID: "replayMessages", Method: http.MethodPost, Path: "/webhooks/{webhook}/replay", Tags: tags,
		Summary:     "Send failed messages again",
		Description: "Those named, or the oldest, up to 100, as the account may see their objects now."}, s.replayFailed, NotFound)
}

// InWebhook is the input of what is done to one webhook.
type InWebhook struct {
	Webhook string `path:"webhook" doc:"Name of a webhook of the account."`
}

type oneWebhook struct{ Body webhook.Shown }

func (s *Server) listWebhooks(ctx context.Context, in *Paging) (*listing[webhook.Shown], error) {
	all, err := s.webhooks.List(who(ctx))
	if err != nil {
		return nil, err
	}
	return pageOf(all, func(w *webhook.Shown) string { return w.Name }, *in)
}

func (s *Server) addWebhook(ctx context.Context, in *struct{ Body webhook.Wanted }) (*oneWebhook, error) {
	if in.Body.Private && !callOf(ctx).door.local {
		return nil, problemf(Forbidden, "only who operates the node may have it send to private addresses: entente webhook add URL --private --as ACCOUNT")
	}
	made, err := s.webhooks.Add(ctx, who(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	once := *made
	once.Secret = ""
	callOf(ctx).lasting = &once
	return &oneWebhook{*made}, nil
}

func (s *Server) removeWebhook(ctx context.Context, in *InWebhook) (*struct{}, error) {
	return nil, s.webhooks.Remove(ctx, who(ctx), in.Webhook)
}

type oneTested struct{ Body webhook.Tested }

func (s *Server) testWebhook(ctx context.Context, in *InWebhook) (*oneTested, error) {
	t, err := s.webhooks.Test(ctx, who(ctx), in.Webhook)
	if err != nil {
		return nil, err
	}
	return &oneTested{*t}, nil
}

func (s *Server) listFailed(ctx context.Context, in *InWebhook) (*listing[webhook.Failure], error) {
	all, err := s.webhooks.Failed(ctx, who(ctx), in.Webhook)
	return &listing[webhook.Failure]{Body: wire.List[webhook.Failure]{Items: append([]webhook.Failure{}, all...)}}, err
}

// Replay says which messages are to be sent again.
type Replay struct {
	IDs []string `json:"ids,omitempty" maxItems:"100" nullable:"false" doc:"Of messages; the oldest unless given."`
}

func (s *Server) replayFailed(ctx context.Context, in *struct {
	InWebhook
	Body Replay
}) (*listing[webhook.Replayed], error) {
	done, err := s.webhooks.Replay(ctx, who(ctx), in.Webhook, in.Body.IDs)
	return &listing[webhook.Replayed]{Body: wire.List[webhook.Replayed]{Items: done}}, err
}
