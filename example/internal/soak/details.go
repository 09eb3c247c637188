package soak

import (
	"math/rand/v2"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

// attachable is a detail that the service can attach to an error.
type attachable struct {
	message func(mark string) proto.Message
	text    string // the part of the details of a 4xx, with MARK for the mark
}

// attachables contains the types of docs/services.md with the text that clients read.
var attachables = []attachable{
	{func(mark string) proto.Message {
		return &errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "spec.name", Description: "is taken by " + mark, Reason: inner},
			{Field: "spec.gpus[1]", LocalizedMessage: german("fehlt " + mark)},
			{Field: "spec.tags", Reason: "EMPTY"},
			{Field: "spec.image"},
		}}
	}, "spec.name: is taken by MARK; spec.gpus[1]: fehlt MARK; spec.tags: EMPTY; spec.image"},
	{func(mark string) proto.Message {
		return &errdetails.PreconditionFailure{Violations: []*errdetails.PreconditionFailure_Violation{
			{Type: inner, Subject: "project/" + mark, Description: "is locked"},
			{Subject: "cluster", Description: "is disconnected for " + mark},
		}}
	}, "project/MARK: is locked; cluster: is disconnected for MARK"},
	{func(mark string) proto.Message {
		return &errdetails.QuotaFailure{Violations: []*errdetails.QuotaFailure_Violation{
			{Subject: "gpu", Description: "8 of 8 for " + mark, ApiService: inner},
		}}
	}, "gpu: 8 of 8 for MARK"},
	{func(mark string) proto.Message {
		return &errdetails.ResourceInfo{ResourceType: inner, ResourceName: mark, Description: "was deleted"}
	}, "MARK: was deleted"},
	{func(mark string) proto.Message {
		return &errdetails.Help{Links: []*errdetails.Help_Link{
			{Description: "quotas", Url: "https://example.com/" + mark},
		}}
	}, "quotas: https://example.com/MARK"},
	{func(mark string) proto.Message {
		return &errdetails.ErrorInfo{
			Reason: "REASON_" + mark, Domain: inner, Metadata: map[string]string{"host": inner},
		}
	}, ""},
	{func(mark string) proto.Message { return &errdetails.RequestInfo{RequestId: mark, ServingData: inner} }, ""},
	{func(string) proto.Message { return &errdetails.DebugInfo{Detail: inner, StackEntries: []string{inner}} }, ""},
	{func(mark string) proto.Message { return german(localized(mark)) }, ""},
	{func(string) proto.Message {
		return &errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)}
	}, ""},
}

func german(text string) *errdetails.LocalizedMessage {
	return &errdetails.LocalizedMessage{Locale: "de", Message: text}
}

func localized(mark string) string { return "Bitte warten: " + mark }

// attached is a set of details in some order, and its effect on the response.
type attached struct {
	messages   []proto.Message
	text       string // in the details of a 4xx
	reason     string // of an ErrorInfo
	message    string // of a LocalizedMessage
	retryAfter string
}

// attach returns the set of details with a number. Service and visitor call it with the same number.
func attach(set int, mark string) attached {
	random := rand.New(rand.NewPCG(uint64(set), 0))
	var a attached
	var texts []string
	for _, i := range random.Perm(len(attachables))[:1+random.IntN(len(attachables))] {
		detail := attachables[i]
		message := detail.message(mark)
		a.messages = append(a.messages, message)
		if detail.text != "" {
			texts = append(texts, strings.ReplaceAll(detail.text, "MARK", mark))
		}
		switch message := message.(type) {
		case *errdetails.ErrorInfo:
			a.reason = message.GetReason()
		case *errdetails.LocalizedMessage:
			a.message = localized(mark)
		case *errdetails.RetryInfo:
			a.retryAfter = "2" // 1.5 seconds, rounded up
		}
	}
	a.text = strings.Join(texts, "; ")
	return a
}

// joined joins the texts that are not empty, as the documented details are joined.
func joined(texts ...string) string {
	var kept []string
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return strings.Join(kept, "; ")
}
