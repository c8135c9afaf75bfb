package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"slipway/internal/access"
	"slipway/internal/fault"
)

// operation is one line of the list: its fields are positional, so that one without an action does not compile.
type operation struct {
	id      string
	route   string // "GET /submissions/{id}", after the prefix
	action  access.Action
	status  int // of a good answer
	summary string
	serve   handler
}

// Operation is an operation as a reader of the list sees it.
type Operation struct {
	ID     string
	Method string
	Path   string // with the prefix
	Action access.Action
}

// Operations returns the list, for the test that walks it.
func (s *Server) Operations() []Operation {
	var list []Operation
	for _, op := range s.operations() {
		method, path, _ := strings.Cut(op.route, " ")
		list = append(list, Operation{op.id, method, prefix + path, op.action})
	}
	return list
}

// handler makes an operation served and documented.
type handler struct {
	register func(*Server, huma.Operation)
	limit    int64                                // bytes of a body; 0 is bodyLimit
	describe func(*huma.OpenAPI, *huma.Operation) // what the types cannot say; nil for nothing
}

const (
	bodyLimit = 256 << 10 // far more than a content with every field at its longest
	bodyTime  = 30 * time.Second
)

// call makes a handler of a function that asks a room. In is what it reads of a request, Out what it answers.
func call[In, Out any](do func(ctx context.Context, who access.Actor, in *In) (*Out, error)) handler {
	return handler{register: func(s *Server, op huma.Operation) {
		huma.Register(s.api, op, func(ctx context.Context, in *In) (*Out, error) {
			out, err := do(ctx, actor(ctx), in)
			if err != nil {
				return nil, s.problem(op.OperationID, err)
			}
			return out, nil
		})
	}}
}

// described adds to the document what the types cannot say.
func (h handler) described(how func(*huma.OpenAPI, *huma.Operation)) handler {
	h.describe = how
	return h
}

// upTo lets a body have this many bytes.
func (h handler) upTo(bytes int64) handler {
	h.limit = bytes
	return h
}

func (s *Server) mount(op operation) {
	method, path, _ := strings.Cut(op.route, " ")
	h := huma.Operation{
		OperationID: op.id, Method: method, Path: path, Summary: op.summary, DefaultStatus: op.status,
		Tags:         []string{strings.Split(path, "/")[1]},
		MaxBodyBytes: bodyLimit, BodyReadTimeout: bodyTime,
		Middlewares: huma.Middlewares{s.guard(op.action)},
	}
	if op.serve.limit > 0 {
		h.MaxBodyBytes = op.serve.limit
	}
	if op.action != access.Anyone {
		h.Security = []map[string][]string{{tokenScheme: {}}}
	}
	op.serve.register(s, h)
	if doc := s.api.OpenAPI(); op.serve.describe != nil {
		op.serve.describe(doc, documented(doc.Paths[path], method))
	}
}

func documented(at *huma.PathItem, method string) *huma.Operation {
	return map[string]*huma.Operation{
		http.MethodGet: at.Get, http.MethodPost: at.Post, http.MethodPut: at.Put, http.MethodPatch: at.Patch, http.MethodDelete: at.Delete,
	}[method]
}

// guard asks whether the role allows it, before anything of the request is read. Whose data it is, the rooms ask.
func (s *Server) guard(action access.Action) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		who := actor(ctx.Context())
		if access.Can(who, action) {
			next(ctx)
			return
		}
		err := error(errNoToken)
		if who.SignedIn() {
			err = notAllowed(action)
		}
		r, w := humago.Unwrap(ctx)
		s.fail(w, r, err)
	}
}

func notAllowed(action access.Action) error {
	var who []string
	for _, role := range access.Holders(action) {
		who = append(who, strings.ToLower(role.Label()))
	}
	return fault.Newf(fault.Forbidden, "The roles of this token's user do not allow this. It needs: %s.", strings.Join(who, " or "))
}

// refuse is a fault.Invalid about one input.
func refuse(key, message string) error {
	return fault.New(fault.Invalid, message).With(fault.Field{Key: key, Message: message})
}

// refusals makes one fault of all the fields that are refused; nil for none.
func refusals(fields []fault.Field) error {
	if fields == nil {
		return nil
	}
	return fault.New(fault.Invalid, "Some fields cannot be used. Nothing was changed.").With(fields...)
}
