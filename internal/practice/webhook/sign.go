package webhook

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// secretPrefix begins a secret, whose bytes follow in base64.
const secretPrefix = "whsec_"

func newSecret() string {
	key := make([]byte, 32)
	rand.Read(key)
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// sign puts the headers of Standard Webhooks on a request: the signature is the
// HMAC-SHA256 of id, time in Unix seconds and body, with points between them.
func sign(h http.Header, secret, id string, at time.Time, body []byte) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, secretPrefix))
	if err != nil { // secrets are made above
		key = []byte(secret)
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + stamp + "."))
	mac.Write(body)
	h.Set("webhook-id", id)
	h.Set("webhook-timestamp", stamp)
	h.Set("webhook-signature", "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// messageID is the same whenever the same object of a collection is sent to a hook.
func messageID(h *Hook, collection, object string, added int64) string {
	sum := sha256.Sum256([]byte(h.Owner + "\x00" + h.Name + "\x00" + h.Made.String() + "\x00" + collection + "\x00" + object + "\x00" + strconv.FormatInt(added, 10)))
	return "msg_" + hex.EncodeToString(sum[:12])
}
