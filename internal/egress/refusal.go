package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/failsafe-go/failsafe-go/bulkhead"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"

	"slipway/internal/fault"
)

// Kind says why there is no answer to use.
type Kind string

const (
	PrivateAddress Kind = "private_address" // a private, reserved or own address; nothing was sent
	NotAllowed     Kind = "not_allowed"     // scheme, port or form of the address; nothing was sent
	NoSuchHost     Kind = "no_such_host"    // the name has no address
	Refused        Kind = "refused"         // nobody listens there
	TimedOut       Kind = "timed_out"       // no complete answer within the limit
	TLSDefect      Kind = "tls"             // the certificate or the handshake
	NotHTTP        Kind = "not_http"        // an answer came, in another language
	Dropped        Kind = "dropped"         // the connection ended before the answer did
	Redirected     Kind = "redirect"        // 3xx with a Location: not followed
	TooLarge       Kind = "too_large"       // body or header above the limit
	Canceled       Kind = "canceled"        // the caller gave up
	Paused         Kind = "paused"          // too many failures in a row; nothing was sent
	Busy           Kind = "busy"            // MaxParallel are under way; nothing was sent
)

// refusal carries the kind below the fault that people see.
type refusal struct {
	kind  Kind
	cause error
}

func (r *refusal) Error() string {
	if r.cause == nil {
		return string(r.kind)
	}
	return fmt.Sprintf("%s: %v", r.kind, r.cause)
}

func (r *refusal) Unwrap() error { return r.cause }

// KindOf returns the kind of a refusal in err's chain, "" where there is none.
func KindOf(err error) Kind {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.kind
	}
	return ""
}

func refuse(kind Kind, cause error, sentence string) error {
	code := fault.Unavailable
	if kind == PrivateAddress || kind == NotAllowed {
		code = fault.Invalid
	}
	return fault.Wrap(&refusal{kind, cause}, code, sentence)
}

// refusePrivate has no cause and no details: whether a port behind the wall is open must not show (H-16).
func refusePrivate() error {
	return refuse(PrivateAddress, nil, "The address is on a private or reserved network, which is not opened here. Nothing was sent. Use an address that is reachable from the internet, or have the operator open that network.")
}

func refusePort(port int) error {
	return refuse(NotAllowed, nil, fmt.Sprintf("Port %d is not allowed. Use 443, or have the operator open that port.", port))
}

// classify turns what the transport said into one sentence about the target. host is canonical.
func classify(ctx context.Context, err error, host string) error {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case KindOf(err) != "":
		return err
	case errors.Is(ctx.Err(), context.DeadlineExceeded): // ours, or one that the caller set
		return refuse(TimedOut, err, host+" did not finish its answer in time.")
	case ctx.Err() != nil:
		return refuse(Canceled, ctx.Err(), "Stopped before the answer came.")
	case errors.Is(err, circuitbreaker.ErrOpen):
		return refuse(Paused, err, host+" failed several times in a row. Nothing is sent to it for half a minute.")
	case errors.Is(err, bulkhead.ErrFull):
		return refuse(Busy, err, "Too many requests to "+host+" are under way.")
	case errors.As(err, &dns) && dns.IsNotFound:
		return refuse(NoSuchHost, err, "The name "+host+" does not exist in the DNS. Check the spelling.")
	case errors.As(err, &dns) && !dns.IsTimeout:
		return refuse(NoSuchHost, err, "The name "+host+" could not be looked up in the DNS.")
	case tlsDefect(err) != "":
		return refuse(TLSDefect, err, host+": "+tlsDefect(err))
	case errors.Is(err, syscall.ECONNREFUSED):
		return refuse(Refused, err, host+" refused the connection: nothing listens on that port.")
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return refuse(Refused, err, host+" cannot be reached over the network.")
	case errors.As(err, &timeout) && timeout.Timeout():
		return refuse(TimedOut, err, host+" did not answer in time.")
	case strings.Contains(err.Error(), "headers exceeded"):
		return refuse(TooLarge, err, "The header of the answer of "+host+" is too large.")
	case strings.Contains(err.Error(), "malformed"), strings.Contains(err.Error(), "http2:"), strings.Contains(err.Error(), "invalid header"):
		return refuse(NotHTTP, err, host+" answered, but not in HTTP. Check the port.")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return refuse(Dropped, err, host+" closed the connection before its answer was complete.")
	case strings.Contains(err.Error(), "readLoopPeekFail"): // it spoke before it was asked, as mail servers do
		return refuse(NotHTTP, err, host+" answered, but not in HTTP. Check the port.")
	}
	return refuse(Dropped, err, "The connection to "+host+" broke off.")
}

// tlsDefect names what is wrong with the TLS of the target, "" if that is not the trouble.
func tlsDefect(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		record   tls.RecordHeaderError
		alert    tls.AlertError
		verify   *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &unknown):
		return "its certificate is not signed by an authority that is trusted, or an intermediate certificate is missing."
	case errors.As(err, &hostname):
		return "its certificate was issued for another host name."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "its certificate has expired or is not valid yet."
	case errors.As(err, &invalid), errors.As(err, &verify):
		return "its certificate is not valid."
	case errors.As(err, &record), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return "it does not speak TLS on that port. Is it an http address?"
	case errors.As(err, &alert), strings.Contains(err.Error(), "tls: "):
		return "the TLS handshake failed. The server must offer TLS 1.2 or 1.3."
	}
	return ""
}
