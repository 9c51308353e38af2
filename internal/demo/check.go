package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"

	"entente/taxii"
)

// question is asked of a running node over HTTP, as an account.
type question struct {
	text string
	ask  func(ctx context.Context, c *coalition, ids map[string]string) (string, error) // what was wrong; "" when all is well
}

// questions are what should be true once the story is told.
var questions = []question{
	{"nobody but Brookwater can know of the TLP:RED incident", redStaysHome},
	{"Brookwater's own collection does not exist for its partners", insideIsInvisible},
	{"what the CERT shares reached every member, byte for byte", warningArrived},
	{"Brookwater's resolver blocks what the CERT published last, seconds after, and nothing that is over", blockedInTime},
	{"the revoked indicator is revoked at everyone who pulled it", revocationArrived},
	{"the recalled note is nowhere", recalledIsGone},
	{"another pull brings nothing, for one small request each", nothingNew},
}

// get asks a node's TAXII endpoint as the account that it gave to a member.
func (c *coalition) get(ctx context.Context, at, as *member, path string) (status int, body []byte, err error) {
	s := c.nodes[at]
	user := as.key
	if at == as {
		user = "analyst"
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+"/taxii2/root/collections/"+path, nil)
	if err != nil {
		return 0, nil, err
	}
	req.SetBasicAuth(user, s.tokens[as])
	req.Header.Set("Accept", taxii.MediaTAXII)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	return resp.StatusCode, body, err
}

// objects asks for all objects of a collection that match.
func (c *coalition) objects(ctx context.Context, at, as *member, collection string, match url.Values) ([]json.RawMessage, error) {
	match.Set("limit", "1000")
	status, body, err := c.get(ctx, at, as, collection+"/objects/?"+match.Encode())
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("%s/%s answered %d to %s", at.name, collection, status, as.name)
	}
	var envelope struct {
		Objects []json.RawMessage `json:"objects"`
	}
	err = json.Unmarshal(body, &envelope)
	return envelope.Objects, err
}

func redStaysHome(ctx context.Context, c *coalition, ids map[string]string) (string, error) {
	for _, m := range cast {
		for _, place := range []struct {
			at         *member
			as         *member
			collection string
		}{{util, m, shared}, {m, m, inbox}} {
			if _, has := c.nodes[place.at].tokens[place.as]; !has || place.at == util && m == util {
				continue
			}
			got, err := c.objects(ctx, place.at, place.as, place.collection, url.Values{"match[id]": {ids["incident"]}})
			if err != nil {
				return "", err
			}
			if len(got) > 0 {
				return fmt.Sprintf("%s has it from %s/%s", m.name, place.at.key, place.collection), nil
			}
		}
	}
	return "", nil
}

func insideIsInvisible(ctx context.Context, c *coalition, _ map[string]string) (string, error) {
	for m := range c.nodes[util].tokens {
		status, _, err := c.get(ctx, util, m, inside+"/")
		if err != nil {
			return "", err
		}
		if want := map[bool]int{true: http.StatusOK, false: http.StatusNotFound}[m == util]; status != want {
			return fmt.Sprintf("%s got %d, not %d", m.name, status, want), nil
		}
	}
	return "", nil
}

func warningArrived(ctx context.Context, c *coalition, ids map[string]string) (string, error) {
	match := func() url.Values { return url.Values{"match[id]": {ids["warning"] + "," + ids["analysis"]}} }
	sent, err := c.objects(ctx, cert, cert, shared, match())
	if err != nil || len(sent) != 2 {
		return fmt.Sprintf("the CERT itself has %d of 2 reports", len(sent)), err
	}
	for _, m := range []*member{util, host, isac} {
		got, err := c.objects(ctx, m, m, inbox, match())
		if err != nil {
			return "", err
		}
		if !slices.EqualFunc(sent, got, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			return fmt.Sprintf("%s has %d objects, not the same bytes", m.name, len(got)), nil
		}
	}
	return "", nil
}

func revocationArrived(ctx context.Context, c *coalition, ids map[string]string) (string, error) {
	for _, m := range []*member{util, host, isac} {
		got, err := c.objects(ctx, m, m, inbox, url.Values{"match[id]": {ids["false alarm"]}})
		if err != nil {
			return "", err
		}
		var indicator struct {
			Revoked bool `json:"revoked"`
		}
		if len(got) == 1 {
			err = json.Unmarshal(got[0], &indicator)
		}
		if err != nil || !indicator.Revoked {
			return fmt.Sprintf("%s has %d current versions, revoked %v", m.name, len(got), indicator.Revoked), err
		}
	}
	return "", nil
}

func recalledIsGone(ctx context.Context, c *coalition, ids map[string]string) (string, error) {
	for _, place := range []struct {
		at         *member
		collection string
	}{{cert, shared}, {util, inbox}, {host, inbox}, {isac, inbox}} {
		status, _, err := c.get(ctx, place.at, place.at, place.collection+"/objects/"+ids["slip"]+"/")
		if err != nil {
			return "", err
		}
		if status != http.StatusNotFound {
			return fmt.Sprintf("%s/%s answers %d", place.at.name, place.collection, status), nil
		}
	}
	return "", nil
}

func nothingNew(ctx context.Context, c *coalition, _ map[string]string) (string, error) {
	for _, m := range cast {
		for _, from := range cast {
			if c.nodes[m].sources[from] == nil {
				continue
			}
			if n, err := c.pull(ctx, m, from); err != nil || n > 0 {
				return fmt.Sprintf("%s got %d more objects from %s", m.name, n, from.name), err
			}
		}
	}
	return "", nil
}
