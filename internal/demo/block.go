package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// inTime is how long it may take from being published at one member to being blocked at
// another's resolver.
const inTime = 5 * time.Second

// zone is what the utility's resolver fetches: a response policy zone.
func (c *coalition) zone(ctx context.Context) (string, error) {
	s := c.nodes[util]
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/export/v1", nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+s.resolver)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("the resolver is answered %s: %s", resp.Status, body)
	}
	return string(body), err
}

func blocks(zone, name string) bool { return strings.Contains(zone, "\n*."+name+" CNAME . ;") }

// untilBlocked fetches as a resolver does until a name is blocked.
func (c *coalition) untilBlocked(ctx context.Context, name string) error {
	ctx, stop := context.WithTimeout(ctx, inTime)
	defer stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		zone, err := c.zone(ctx)
		if err != nil || blocks(zone, name) {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return fmt.Errorf("%s is not blocked after %v", name, inTime)
		}
	}
}

func blockedInTime(ctx context.Context, c *coalition, _ map[string]string) (string, error) {
	zone, err := c.zone(ctx)
	switch {
	case err != nil:
		return "", err
	case !blocks(zone, secondRelayName):
		return secondRelayName + " is not in the zone", nil
	case c.blocked > inTime:
		return fmt.Sprintf("it took %v", c.blocked), nil
	case blocks(zone, relayDomain(0)):
		return relayDomain(0) + " is, and its indicator has expired", nil
	}
	return "", nil
}
