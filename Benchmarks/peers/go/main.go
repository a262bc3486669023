// The Go peer: the smallest honest webhook handler on net/http.
//
// It does per request what Hookline must do before it can say "no rule matched": read the whole
// body, check X-Hub-Signature-256 over the raw bytes in constant time, parse the JSON, compare
// `ref`, answer 200 with a small JSON object. It is fair, and leans its own way: it routes, logs
// and records nothing, allocates the body once at its announced size, and decodes only the one
// field it needs. GOMAXPROCS=1, because the server has one core.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
)

const bodyBytesMax = 25 << 20 // GitHub sends no larger payload.

func main() {
	secret := []byte(os.Getenv("GITHUB_WEBHOOK_SECRET"))
	if len(secret) == 0 {
		log.Fatal("GITHUB_WEBHOOK_SECRET is not set")
	}
	http.HandleFunc("/hooks/github", func(w http.ResponseWriter, r *http.Request) {
		receive(w, r, secret)
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}

func receive(w http.ResponseWriter, r *http.Request, secret []byte) {
	if r.Method != http.MethodPost {
		http.Error(w, "POST only", http.StatusMethodNotAllowed)
		return
	}
	if r.ContentLength < 0 || r.ContentLength > bodyBytesMax {
		http.Error(w, "a Content-Length of at most 25 MiB is needed", http.StatusRequestEntityTooLarge)
		return
	}
	body := make([]byte, r.ContentLength)
	if _, err := io.ReadFull(r.Body, body); err != nil {
		http.Error(w, "body ended early", http.StatusBadRequest)
		return
	}
	if !verified(body, r.Header.Get("X-Hub-Signature-256"), secret) {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	var push struct {
		Ref string `json:"ref"`
	}
	if err := json.Unmarshal(body, &push); err != nil {
		http.Error(w, "not JSON", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if push.Ref == "refs/heads/never" {
		io.WriteString(w, `{"matched":true}`)
	} else {
		io.WriteString(w, `{"matched":false}`)
	}
}

func verified(body []byte, signature string, secret []byte) bool {
	given, err := hex.DecodeString(strings.TrimPrefix(signature, "sha256="))
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hmac.Equal(given, mac.Sum(nil))
}
