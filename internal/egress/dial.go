package egress

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"syscall"
	"time"
)

const (
	connectTimeout = 10 * time.Second // TCP, over all addresses of a name
	lookupTimeout  = 5 * time.Second
)

// dialer resolves a name once, refuses unless every answer is allowed, and dials the addresses it checked.
type dialer struct {
	policy   Policy
	resolver *net.Resolver
}

func (d dialer) dial(ctx context.Context, _, hostPort string) (net.Conn, error) {
	host, portText, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, refuse(NotAllowed, err, "The host in the address is not valid.")
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, refuse(NotAllowed, err, "The port in the address is not a number.")
	}
	if host, err = canonicalHost(host); err != nil {
		return nil, err
	}
	if err := d.policy.checkHost(host, port); err != nil {
		return nil, err
	}
	addrs, err := d.allowed(ctx, host, port)
	if err != nil {
		return nil, err
	}
	return d.connect(ctx, addrs, port)
}

// allowed returns the addresses of host. One that is not allowed condemns them all (H-06).
func (d dialer) allowed(ctx context.Context, host string, port int) ([]netip.Addr, error) {
	addrs, err := d.lookup(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, addr := range addrs {
		if err := d.policy.checkAddr(addr, port); err != nil {
			return nil, err
		}
	}
	if d.isOwn(ctx, addrs, port) {
		return nil, refusePrivate()
	}
	return addrs, nil
}

func (d dialer) lookup(ctx context.Context, host string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{addr}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookupTimeout)
	defer cancel()
	addrs, err := d.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no addresses", Name: host, IsNotFound: true}
	}
	return addrs, err
}

// isOwn reports whether one of addrs is where one of our own names lives (H-14): another name for our own door
// must not lead in through the back. A name of ours that does not resolve protects nothing, so its error is none.
func (d dialer) isOwn(ctx context.Context, addrs []netip.Addr, port int) bool {
	for _, own := range d.policy.Own {
		host, ownPort, err := net.SplitHostPort(own)
		if err != nil || ownPort != strconv.Itoa(port) {
			continue
		}
		ours, err := d.lookup(ctx, host)
		if err == nil && slices.ContainsFunc(ours, func(a netip.Addr) bool { return slices.Contains(addrs, a) }) {
			return true
		}
	}
	return false
}

// connect tries the addresses in order. The guard in Control sees what the kernel is given: belt and braces.
func (d dialer) connect(ctx context.Context, addrs []netip.Addr, port int) (net.Conn, error) {
	tcp := net.Dialer{Timeout: connectTimeout / time.Duration(len(addrs)), Control: d.control}
	var failed error
	for _, addr := range addrs {
		conn, err := tcp.DialContext(ctx, "tcp", netip.AddrPortFrom(addr.Unmap(), uint16(port)).String())
		if err == nil {
			return conn, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, failed
}

func (d dialer) control(_, address string, _ syscall.RawConn) error {
	dialled, err := netip.ParseAddrPort(address)
	if err != nil {
		return refusePrivate()
	}
	return d.policy.checkAddr(dialled.Addr(), int(dialled.Port()))
}
